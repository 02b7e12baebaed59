import type { Logger } from '../../../platform/log/logger.js'
import type { SendMails } from '../domain/send-mails.js'

export interface MailWorkerOptions {
  readonly sendMails: SendMails
  readonly logger: Logger
  /** How often it looks for mails that wait for another try, or were left by a process that ended. */
  readonly lookEveryMs?: number
}

export interface MailWorker {
  /** A mail was noted just now. */
  wake(): void
  /** Ends after the mail under way. */
  close(): Promise<void>
}

const LOOK_EVERY_MS = 5_000 // the shortest wait for another try is ten seconds

/** Sends what is due, one mail after the other; replicas share the work. A database that is away is asked again later. */
export function openMailWorker({ sendMails, logger, lookEveryMs = LOOK_EVERY_MS }: MailWorkerOptions): MailWorker {
  let closed = false
  let wanted = false
  let working: Promise<void> | undefined

  const work = async () => {
    while (wanted && !closed) {
      wanted = false
      try {
        while (!closed && (await sendMails()));
      } catch (error) {
        logger.warn({ err: error }, 'mails that are due could not be looked for; it is tried again')
      }
    }
    working = undefined
  }
  const wake = () => {
    wanted = true
    if (!closed) working ??= work()
  }
  const timer = setInterval(wake, lookEveryMs)
  timer.unref()
  wake()
  return {
    wake,
    async close() {
      closed = true
      clearInterval(timer)
      await working
    },
  }
}
