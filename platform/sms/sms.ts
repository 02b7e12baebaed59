/**
 * The port through which services write to phones. In: a number and a line of text. Out: a promise that a gateway has taken
 * it. It refuses to look after receipts: whether a phone got it, its owner knows best.
 */
export interface Sms {
  /** The same for every try at the same message: a gateway that knows it delivers once. */
  readonly id: string
  /** E.164, already checked. */
  readonly to: string
  /** At most 160 characters of ASCII: one message, not several. */
  readonly text: string
}

export interface SmsSender {
  readonly engine: 'http' | 'development' | 'none'
  /** Resolves when the gateway has taken it. Throws SmsUnavailableError when trying later may help, SmsRefusedError when it can't. */
  send(sms: Sms): Promise<void>
}

/** No gateway took the message this time. Never carries a number, an address or the text. */
export class SmsUnavailableError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('Text messages can not be sent just now.', options)
    this.name = 'SmsUnavailableError'
  }
}

/** The gateway will never take this message, e.g. for a number nobody has. Never carries a number or the text. */
export class SmsRefusedError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The text message was refused for good.', options)
    this.name = 'SmsRefusedError'
  }
}
