import { AppError } from '../../../platform/errors/app-error.js'
import type { Afterwards } from './afterwards.js'
import type { FinishSignIn, SignInOutcome } from './finish-sign-in.js'
import type { LoginAttempts } from './login-attempts.js'
import type { ProvedUser } from './open-session.js'
import type { MailRequests } from './request-mail.js'
import { normalisePassword } from './password-policy.js'
import type { PasswordHasher, PasswordHashing } from './password-hasher.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'

export interface Credentials extends ProvedUser {
  readonly passwordHash: string
  /** Whether its owner has proved to read what is sent to the address or number it is found by. */
  readonly isConfirmed: boolean
  /** Whether a password alone does not sign in. */
  readonly hasSecondFactor: boolean
  /** Whether an administrator keeps it from being used. */
  readonly isLocked: boolean
}

export interface CredentialStore {
  /** Of the live account that is found by this key: an address in small letters, or a number in E.164. */
  find(signInKey: string): Promise<Credentials | null>
  /** Puts a better hash of the same password in place of `from`; does nothing when that has changed meanwhile. */
  replaceHash(userId: string, from: string, to: string): Promise<void>
}

export interface LogInDependencies {
  readonly credentials: CredentialStore
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  readonly finishSignIn: Pick<FinishSignIn, 'afterPassword'>
  readonly mailRequests: MailRequests
  /** Writes down a sign-in to a known account that was refused; nobody waits for it, its time would tell. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly afterwards: Afterwards
  /** Whether an address must be confirmed before its account can be used. */
  readonly needsConfirmation: boolean
  readonly now: () => Date
}

/**
 * Signs in with a password, and an address or a number. An unknown address, a wrong password, a locked address and a locked account take the same steps in the
 * same order, one hash included, and end in the same AUTH_INVALID_CREDENTIALS. So does the right password of an address that
 * must be confirmed first: who opened an account for another's address learns nothing, its owner is mailed the link again. What
 * is done for a refused sign-in to a known account is done after the answer.
 */
export function createLogIn(dependencies: LogInDependencies) {
  const { credentials, attempts, hasher, finishSignIn, noteRefusal, needsConfirmation } = dependencies
  return async (key: string, passwordAsTyped: string, device: Device): Promise<SignInOutcome> => {
    const password = normalisePassword(passwordAsTyped)
    const proved = await hasher.admit(async (hashing) => {
      const allowed = await attempts.claim(key)
      const known = await credentials.find(key)
      const isOpen = allowed && known !== null && !known.isLocked
      const matches = await hashing.verify(isOpen ? known.passwordHash : null, password)
      if (!matches || !known) {
        if (known) noteRefusal(known.userId, device, { reason: 'password' })
        return null
      }
      if (needsConfirmation && !known.isConfirmed) {
        askToConfirm(key, known)
        return null
      }
      if (!known.hasSecondFactor) await attempts.clear(key) // who knows one factor may be guessing the other
      await renewHash(hashing, known, password)
      return known
    })
    const outcome = proved === null ? null : await finishSignIn.afterPassword(proved, device)
    if (outcome === null) throw new AppError('AUTH_INVALID_CREDENTIALS')
    return outcome
  }

  function askToConfirm(key: string, { hasSecondFactor }: Credentials): void {
    const { attempts, mailRequests, afterwards, now } = dependencies
    afterwards.run('the mail to confirm an address', async () => {
      if (!hasSecondFactor) await attempts.clear(key)
      await mailRequests.request('confirm_address', key, now())
      mailRequests.lookAtThem()
    })
  }

  async function renewHash(hashing: PasswordHashing, { userId, passwordHash }: Credentials, password: string) {
    if (hashing.isOutdated(passwordHash)) {
      await credentials.replaceHash(userId, passwordHash, await hashing.hash(password))
    }
  }
}

export type LogIn = ReturnType<typeof createLogIn>
