import { SmsRefusedError } from '../../../platform/sms/sms.js'
import type { SmsCodes } from './phones.js'

/** A message taken up by this worker. */
export interface DueSms {
  readonly id: string
  readonly number: string
  /** 1 for the first try. */
  readonly attempt: number
}

export interface DueSmsCodes {
  /** Takes the message that has waited longest, unless its code is over; another worker may have it after `leaseMs`. */
  take(at: Date, leaseMs: number): Promise<DueSms | null>
  /** It is sent, or will never be. */
  settle(id: string): Promise<void>
  tryAgainAt(id: string, dueAt: Date): Promise<void>
  /** Forgets messages noted before `time`. */
  forget(time: Date): Promise<void>
}

export interface SendSmsCodesDependencies {
  readonly dueSmsCodes: DueSmsCodes
  readonly smsCodes: SmsCodes
  readonly sender: { send(sms: { readonly id: string; readonly to: string; readonly text: string }): Promise<void> }
  readonly now: () => Date
  /** Told of each message that was given up or has to wait, with its cause. */
  readonly onFailure: (sms: Pick<DueSms, 'id' | 'attempt'>, isFinal: boolean, cause: unknown) => void
}

const LEASE_MS = 30_000 // three times what a gateway may take
const WAIT_MS = 5_000 // somebody waits for it, and in five minutes it is over
const REMEMBERED_MS = 86_400_000 // limits are a day's

/**
 * Sends one code that is due. True when there was one. Where this process ends between sending and settling the same message
 * is sent again, with the same code and id.
 */
export function createSendSmsCodes(dependencies: SendSmsCodesDependencies) {
  const { dueSmsCodes, smsCodes, sender, now, onFailure } = dependencies
  return async (): Promise<boolean> => {
    const sms = await dueSmsCodes.take(now(), LEASE_MS)
    if (sms === null) {
      await dueSmsCodes.forget(new Date(now().getTime() - REMEMBERED_MS))
      return false
    }
    const { id, number: to } = sms
    try {
      await sender.send({ id, to, text: textOf(smsCodes.of(id)) })
      await dueSmsCodes.settle(id)
    } catch (cause) {
      const isFinal = cause instanceof SmsRefusedError
      onFailure(sms, isFinal, cause)
      await (isFinal
        ? dueSmsCodes.settle(id)
        : dueSmsCodes.tryAgainAt(id, new Date(now().getTime() + WAIT_MS * sms.attempt)))
    }
    return true
  }
}

function textOf(code: string): string {
  return `${code} is your Biometrics code, good for 5 minutes. Nobody who calls or writes to you may have it.`
}
