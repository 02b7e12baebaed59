import type { RequestedLink } from './one-time-links.js'

/** What auth writes to people, all of it about the safety of their account. */
export const securityMailKinds = [
  'confirm_address',
  'address_taken',
  'reset_password',
  'password_changed',
  'second_factor_added',
  'second_factor_removed',
  'passkey_added',
  'passkey_removed',
  'provider_linked',
  'provider_unlinked',
  'phone_added',
  'phone_removed',
  'second_factors_reset',
] as const

export type SecurityMailKind = (typeof securityMailKinds)[number]

/** What a mail says; `link` is null for the kinds that have none. */
export interface SecurityMailText {
  readonly subject: string
  readonly text: string
}

/** The purpose of a kind's link, null for the kinds without one. */
export function linkOf(kind: SecurityMailKind): RequestedLink | null {
  switch (kind) {
    case 'confirm_address':
      return { purpose: 'confirm_address', path: '/verify-email' }
    case 'reset_password':
      return { purpose: 'reset_password', path: '/reset-password' }
    case 'address_taken':
    case 'password_changed':
    case 'second_factor_added':
    case 'second_factor_removed':
    case 'passkey_added':
    case 'passkey_removed':
    case 'provider_linked':
    case 'provider_unlinked':
    case 'phone_added':
    case 'phone_removed':
    case 'second_factors_reset':
      return null
  }
}

const LIFETIME = 'The link works once, for 30 minutes.'

/** Plain text: nothing in it comes from whoever caused the mail, who may be a stranger. */
export function composeSecurityMail(kind: SecurityMailKind, link: string): SecurityMailText {
  switch (kind) {
    case 'confirm_address':
      return {
        subject: 'Confirm your address',
        text: `Somebody, you we hope, opened an account with this address. Confirm it here:\n\n${link}\n\n${LIFETIME} If it was not you, do nothing.\n`,
      }
    case 'address_taken':
      return {
        subject: 'You have an account already',
        text: `Somebody, perhaps you, tried to open an account with this address, which has one. Sign in with your password, or ask for a new one where you sign in. If it was not you, nothing is to be done: nothing was changed and nobody was told.\n`,
      }
    case 'reset_password':
      return {
        subject: 'Choose a new password',
        text: `Somebody, you we hope, asked for a new password for the account with this address. Choose it here:\n\n${link}\n\n${LIFETIME} If it was not you, do nothing: your password stays as it is.\n`,
      }
    case 'second_factor_added':
      return {
        subject: 'An authenticator app was added',
        text: `From now on signing in to your account asks for a code of an authenticator app. If it was not you who added it, write to support at once.\n`,
      }
    case 'second_factor_removed':
      return {
        subject: 'The authenticator app was removed',
        text: `Signing in to your account does not ask for its codes any more; without a passkey your password alone signs in. If it was not you who removed the app, choose a new password at once and add it again.\n`,
      }
    case 'passkey_added':
      return {
        subject: 'A passkey was added',
        text: `From now on a passkey of a new device signs in to your account, and signing in by password asks for a second factor. If it was not you who added it, remove it where you manage your account, choose a new password at once, and write to support.\n`,
      }
    case 'passkey_removed':
      return {
        subject: 'A passkey was removed',
        text: `A passkey does not sign in to your account any more. If it was the last one and you have no authenticator app, your password alone signs in from now on. If it was not you who removed it, choose a new password at once and add it again.\n`,
      }
    case 'provider_linked':
      return {
        subject: 'An account of another service signs in to yours',
        text: `From now on an account of yours at another service signs in to your account here: see which in its settings. If it was not you who linked it, ask for a new password at once where you sign in, then remove the link.\n`,
      }
    case 'provider_unlinked':
      return {
        subject: 'An account of another service was removed',
        text: `An account at another service that signed in to your account here does so no more. If it was not you who removed it, ask for a new password at once where you sign in.\n`,
      }
    case 'phone_added':
    case 'phone_removed':
    case 'second_factors_reset':
      return factorMails[kind]
    case 'password_changed':
      return {
        subject: 'Your password was changed',
        text: `The password of your account was changed just now, and its other sessions were ended. Passkeys, authenticator apps and accounts of other services that were added to it stay, whoever added them: look through them in its settings, and remove what is not yours. If it was not you who changed the password, ask for a new one at once where you sign in, then look through them.\n`,
      }
  }
}

const factorMails = {
  phone_added: {
    subject: 'A phone was added',
    text: `From now on codes for signing in to your account go to a phone, unless it has an authenticator app or a passkey. If it was not you who added it, choose a new password at once and remove it.\n`,
  },
  phone_removed: {
    subject: 'A phone was removed',
    text: `No codes for signing in to your account go to a phone any more. If you have neither an authenticator app nor a passkey, your password alone signs in from now on. If it was not you who removed it, choose a new password at once and add it again.\n`,
  },
  second_factors_reset: {
    subject: 'Your second factors were removed',
    text: `An administrator removed what signing in to your account asked for besides your password (authenticator app, passkeys, recovery codes, phone) and ended its sessions, as somebody asked who said they were you. From now on your password alone signs in: add a second factor again. If it was not you who asked, ask for a new password at once where you sign in, and write to support.\n`,
  },
} as const
