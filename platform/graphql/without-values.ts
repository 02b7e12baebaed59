const aboutValue = /^Variable "(\$\w+)" got invalid value /
const place = / at "(\w+(?:\.\w+|\[\d+\])*)"; /g

/** Endings of graphql-js's messages that tell what is wrong without a word of the value. */
const endings = [
  /Expected non-nullable type "[^"]*" not to be null\.$/,
  /Expected type "[^"]*" to be an object\.$/,
  /Field "\w+" of required type "[^"]*" was not provided\.$/,
  /Field "\w+" is not defined by type "[^"]*"\.(?: Did you mean [^?]*\?)?$/,
]
const kindOfValue = /\b\w+ cannot represent (?:a )?[a-z0-9-]+(?: [a-z0-9-]+)* value/

/** What graphql-js says of a value written in the document itself; the rest of the message repeats it. */
const aboutLiteral = [
  /^(?:Enum "\w+"|\w+) cannot represent (?:a )?[a-z0-9-]+(?: [a-z0-9-]+)* value(?=: )/,
  /^Expected value of type "[^"]*"(?=, found (?!null\.$))/,
]
const unknownEnumValue = /^Value ".*" does not exist in ("\w+" enum)/s

/**
 * What graphql-js says of a variable or a written value that does not fit, without the value, which it repeats in part: passwords and
 * templates are sent in requests, and an error is read by more people than its request. Any other message is left as it is.
 */
export function withoutValues(message: string): string {
  const name = aboutValue.exec(message)?.[1]
  if (name === undefined) return withoutLiteral(message)
  const path = [...message.matchAll(place)].at(-1)?.[1]
  const known = endings.map((ending) => ending.exec(message)?.[0]).find((ending) => ending !== undefined)
  const kind = kindOfValue.exec(message)?.[0]
  const reason = known ?? (kind === undefined ? 'It does not fit its type.' : `${kind}.`)
  return `Variable "${name}" got an invalid value${path === undefined ? '' : ` at "${path}"`}: ${reason}`
}

function withoutLiteral(message: string): string {
  const ofEnum = unknownEnumValue.exec(message)?.[1]
  if (ofEnum !== undefined) return `The value does not exist in ${ofEnum}.`
  const told = aboutLiteral.map((form) => form.exec(message)?.[0]).find((text) => text !== undefined)
  return told === undefined ? message : `${told}.`
}
