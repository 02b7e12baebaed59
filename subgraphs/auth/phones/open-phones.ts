import type { MasterKeys } from '../../../platform/config/master-keys.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { DevelopmentMailer } from '../../../platform/mail/development-mailer.js'
import type { Shutdown } from '../../../platform/service/shutdown.js'
import { createDevelopmentSmsSender } from '../../../platform/sms/development-sms-sender.js'
import { createHttpSmsSender } from '../../../platform/sms/http-sms-sender.js'
import type { SmsSender } from '../../../platform/sms/sms.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { Afterwards } from '../domain/afterwards.js'
import { createTakeSmsCode } from '../domain/phones.js'
import { createSendCode } from '../domain/send-code.js'
import { createSendSmsCodes } from '../domain/send-sms-codes.js'
import { openMailWorker } from '../mail/open-mail-worker.js'
import type { AuthPrisma } from '../persistence/auth-prisma.js'
import { createPrismaPhoneRegistrations } from '../persistence/prisma-phone-registrations.js'
import { createPrismaPhoneResets } from '../persistence/prisma-phone-resets.js'
import { createPrismaPhones } from '../persistence/prisma-phones.js'
import { createPrismaSmsCodes } from '../persistence/prisma-sms-codes.js'
import { createSmsCodes } from './sms-codes.js'
import type { SmsSettings } from './sms-settings.js'

export interface PhoneParts {
  readonly config: { readonly sms: SmsSettings; readonly masterKeys: MasterKeys }
  /** Where text messages are kept for developers; null where none are. */
  readonly outbox: DevelopmentMailer | null
  readonly prisma: AuthPrisma
  readonly audit: AuditChain
  /** Called after a commit that noted mails. */
  readonly committed: () => void
  readonly afterwards: Afterwards
  readonly now: () => Date
  readonly logger: Logger
  readonly shutdown: Shutdown
}

/** Where phones and codes are noted, and the worker that sends codes or keeps them for developers. */
export function openPhones({ config, outbox, afterwards, now, logger, shutdown, ...stored }: PhoneParts) {
  const { sms: settings, masterKeys } = config
  const smsCodes = createSmsCodes(masterKeys)
  const sender = senderOf(settings, outbox)
  const codes = createPrismaSmsCodes(stored.prisma, settings.mostADay, (purpose) => {
    // whether a reset has a message would tell whose number it is: the worker is woken when the answer has left
    if (purpose === 'reset') afterwards.run('the sending of a code', () => Promise.resolve(worker?.wake()))
    else worker?.wake()
  })
  const phones = { ...codes, ...createPrismaPhones(stored.prisma, stored.audit, stored.committed) }
  const worker =
    sender &&
    openMailWorker({
      sendMails: createSendSmsCodes({
        dueSmsCodes: codes,
        smsCodes,
        sender,
        now,
        onFailure: ({ id, attempt }, isFinal, cause) =>
          logger[isFinal ? 'error' : 'warn']({ err: cause, smsId: id, attempt }, 'a text message could not be sent'),
      }),
      logger,
    })
  if (worker) shutdown.add('the SMS worker', () => worker.close())
  const takeSmsCode = createTakeSmsCode({ phones, smsCodes, now })
  const canSend = sender !== null
  const sendCode = createSendCode({ phones, canSend, now, newId: () => crypto.randomUUID() })
  return {
    ...{ phones, smsCodes, takeSmsCode, sendCode, countries: settings.countries },
    registrations: createPrismaPhoneRegistrations(stored.prisma, stored.audit, stored.committed),
    phoneResets: createPrismaPhoneResets(stored.prisma, stored.audit, stored.committed),
  }
}

function senderOf({ gateway }: SmsSettings, outbox: DevelopmentMailer | null): SmsSender | null {
  if (gateway !== null) return createHttpSmsSender(gateway)
  return outbox && createDevelopmentSmsSender(outbox)
}
