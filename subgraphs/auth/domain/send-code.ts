import { AppError } from '../../../platform/errors/app-error.js'
import { networkOf } from '../../../platform/identity/address-network.js'
import { withMostHidden } from './mobile-number.js'
import { SMS_CODE_MS, SMS_PAUSE_MS, type PhoneStore, type WantedCode } from './phones.js'

/** A code on its way. */
export interface SentCode {
  /** Where to, with most digits hidden. */
  readonly number: string
  readonly expiresAt: Date
  /** From when on another one can be asked for. */
  readonly resendAt: Date
}

export interface SendCodeDependencies {
  readonly phones: Pick<PhoneStore, 'request'>
  /** Whether text messages can be sent at all. */
  readonly canSend: boolean
  readonly now: () => Date
  readonly newId: () => string
}

/**
 * Has a code sent by text message. Throws AUTHZ_FORBIDDEN where none are sent, RATE_LIMIT_EXCEEDED with the seconds to wait
 * where a limit is reached.
 */
export function createSendCode({ phones, canSend, now, newId }: SendCodeDependencies) {
  return async (wanted: Omit<WantedCode, 'id' | 'network' | 'at' | 'expiresAt'>): Promise<SentCode> => {
    if (!canSend) throw new AppError('AUTHZ_FORBIDDEN', { message: 'Text messages are not sent here.' })
    const at = now()
    const expiresAt = new Date(at.getTime() + SMS_CODE_MS)
    const waitSeconds = await phones.request({
      ...wanted,
      network: networkOf(wanted.ipAddress),
      id: newId(),
      at,
      expiresAt,
    })
    if (waitSeconds !== null) throw new AppError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: waitSeconds })
    return { number: withMostHidden(wanted.number), expiresAt, resendAt: new Date(at.getTime() + SMS_PAUSE_MS) }
  }
}

export type SendCode = ReturnType<typeof createSendCode>
