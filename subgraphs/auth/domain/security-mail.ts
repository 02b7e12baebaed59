import type { RequestedLink } from './one-time-links.js'

/** What auth writes to people, all of it about the safety of their account. */
export type SecurityMailKind =
  | 'confirm_address'
  | 'address_taken'
  | 'reset_password'
  | 'password_changed'
  | 'second_factor_added'
  | 'second_factor_removed'

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
        text: `From now on your password alone signs in to your account. If it was not you who removed the app, choose a new password at once and add it again.\n`,
      }
    case 'password_changed':
      return {
        subject: 'Your password was changed',
        text: `The password of your account was changed just now, and its other sessions were ended. If it was not you, ask for a new password at once where you sign in.\n`,
      }
  }
}
