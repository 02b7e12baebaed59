/** A process can't start for a reason its operator can mend: the message says what to do, stands alone and names no secret. */
export class StartupError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StartupError'
  }
}
