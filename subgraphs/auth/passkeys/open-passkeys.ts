import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import {
  createManagePasskeys,
  type ManagePasskeys,
  type ManagePasskeysDependencies,
} from '../domain/manage-passkeys.js'
import { createProvePasskey, type ProvePasskeyDependencies } from '../domain/prove-passkey.js'
import {
  createSignInByPasskey,
  type SignInByPasskey,
  type SignInByPasskeyDependencies,
} from '../domain/sign-in-by-passkey.js'
import type { PasskeySettings } from './passkey-settings.js'
import { createWebauthnVerifier } from './webauthn-verifier.js'

/** What auth can do with passkeys. */
export interface Passkeys {
  readonly manage: ManagePasskeys
  readonly signIn: SignInByPasskey
}

type Given = Omit<
  ManagePasskeysDependencies & ProvePasskeyDependencies & SignInByPasskeyDependencies,
  'relyingParty' | 'verifier' | 'provePasskey'
>

export interface OpenPasskeysOptions extends Given {
  /** Null: there are none here. */
  readonly settings: PasskeySettings | null
  /** As devices show whom a passkey is for. */
  readonly relyingPartyName: string
  readonly logger: Logger
}

/** The use cases of passkeys; where none are configured, asking for them throws AUTHZ_FORBIDDEN. */
export function openPasskeys({ settings, relyingPartyName, logger, ...given }: OpenPasskeysOptions): () => Passkeys {
  if (settings === null) {
    return () => {
      throw new AppError('AUTHZ_FORBIDDEN', { message: 'Passkeys are not in use here: sign in by password.' })
    }
  }
  const relyingParty = { id: settings.rpId, name: relyingPartyName }
  const base = { ...given, relyingParty, verifier: createWebauthnVerifier(settings, logger) }
  const opened = {
    manage: createManagePasskeys(base),
    signIn: createSignInByPasskey({ ...base, provePasskey: createProvePasskey(base) }),
  }
  return () => opened
}
