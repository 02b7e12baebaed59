/**
 * The port through which services write to people. In: an address and plain text. Out: a promise that the next server has
 * taken it. It refuses markup and attachments: what is security mail here has neither.
 */
export interface Mail {
  /** One address, already checked. */
  readonly to: string
  /** One line. */
  readonly subject: string
  /** Lines of plain text. */
  readonly text: string
}

export interface Mailer {
  readonly engine: 'smtp' | 'development' | 'none'
  /**
   * Resolves when the next server has taken the mail. A mail whose answer was lost on its way may be delivered twice. Throws
   * MailUnavailableError when trying later may help, MailRefusedError when it can't.
   */
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}

/** No server took the mail this time. Never carries an address, a host or the mail. */
export class MailUnavailableError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('Mail can not be sent just now.', options)
    this.name = 'MailUnavailableError'
  }
}

/** The server will never take this mail, e.g. for an address that does not exist. Never carries an address or the mail. */
export class MailRefusedError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The mail was refused for good.', options)
    this.name = 'MailRefusedError'
  }
}
