const messages = {
  BAD_KEY:
    'A master key is not usable: ids are 1-32 plain characters, keys are 32 bytes, and the current key is among them.',
  MALFORMED: 'The sealed bytes are not an envelope.',
  UNKNOWN_KEY: 'The envelope is sealed under a master key that is not at hand.',
  NOT_AUTHENTIC: 'The envelope was changed, or belongs to another context.',
} as const

export type EnvelopeFault = keyof typeof messages

/** An envelope can't be sealed or opened. Names the kind of fault and nothing of the contents or the keys. */
export class EnvelopeError extends Error {
  readonly fault: EnvelopeFault

  constructor(fault: EnvelopeFault, options?: { cause?: unknown }) {
    super(messages[fault], options)
    this.name = 'EnvelopeError'
    this.fault = fault
  }
}
