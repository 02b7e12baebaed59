const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Whether an entity could have this id: a UUID in the text form RFC 9562 has programs write, in lower case. Any other text is
 * answered like an id that does not exist; taking upper case would give one entity two keys in caches, loaders and streams.
 */
export function isEntityId(text: string): boolean {
  return UUID.test(text)
}
