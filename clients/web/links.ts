import {
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from '../generated/documents.js'
import { part, say, show, textOf } from './elements.js'
import { onSubmit } from './faults.js'
import { ask } from './gateway.js'
import { goOn, openSignIn } from './sign-in.js'

/** Sets up how accounts are opened, and what the links in mails lead to. */
export function setUpLinks(): void {
  onSubmit(part(HTMLFormElement, '#register-form'), async (form) => {
    const [name, email, password] = ['name', 'email', 'password'].map((field) => textOf(form, field))
    const { register } = await ask(RegisterDocument, {
      input: { name: name ?? '', email: email ?? '', password: password ?? '' },
    })
    backToSignIn(register.message)
  })
  onSubmit(part(HTMLFormElement, '#forgotten-form'), async (form) => {
    const { requestPasswordReset } = await ask(RequestPasswordResetDocument, { email: textOf(form, 'email') })
    backToSignIn(requestPasswordReset.message)
  })
  onSubmit(part(HTMLFormElement, '#verify-email-form'), async (form) => {
    const input = { token, password: textOf(form, 'password') }
    await goOn((await ask(VerifyEmailDocument, { input })).verifyEmail)
  })
  onSubmit(part(HTMLFormElement, '#reset-password-form'), async (form) => {
    await ask(ResetPasswordDocument, { input: { token, newPassword: textOf(form, 'password') } })
    backToSignIn('The new password is set: sign in with it.')
  })
}

/** Of the link that led here. */
let token = ''

/** Opens what the address names, and takes the token out of it: an address is copied, and kept in a history. */
export function openLink(): boolean {
  const section = (['verify-email', 'reset-password'] as const).find((name) => location.pathname === `/${name}`)
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  history.replaceState(null, '', '/')
  if (section === undefined || given === null) return false
  token = given
  show(section)
  return true
}

function backToSignIn(words: string): void {
  void openSignIn()
  say(words)
}
