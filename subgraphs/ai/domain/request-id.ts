const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id as it is stored, null for text that can't be one: it is answered like an id that does not exist. */
export function requestId(text: string): string | null {
  const id = text.toLowerCase()
  return UUID.test(id) ? id : null
}
