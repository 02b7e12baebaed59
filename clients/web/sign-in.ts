import { browserSupportsWebAuthnAutofill, WebAuthnAbortService } from '@simplewebauthn/browser'
import {
  BeginPasskeyLoginDocument,
  BeginPasskeyMfaDocument,
  FinishPasskeyLoginDocument,
  FinishPasskeyMfaDocument,
  SignInDocument,
  VerifyMfaDocument,
  type SignInMutation,
} from '../generated/documents.js'
import { openAccount } from './account.js'
import { signByPasskey } from './ceremonies.js'
import { part, show, textOf } from './elements.js'
import { onSubmit, run } from './faults.js'
import { ask, signedIn } from './gateway.js'

/** The sign-in that waits for its second factor. */
let waiting = ''

/** Sets up what strangers see. */
export function setUpSignIn(): void {
  onSubmit(part(HTMLFormElement, '#sign-in-form'), async (form) => {
    const input = { email: textOf(form, 'email'), password: textOf(form, 'password') }
    await goOn((await ask(SignInDocument, { input })).login)
  })
  onClick('#sign-in-by-passkey', () => signInByPasskey(false))
  onClick('#second-factor-by-passkey', async () => {
    const { beginPasskeyMfa } = await ask(BeginPasskeyMfaDocument, { challengeToken: waiting })
    const assertion = await signByPasskey(beginPasskeyMfa)
    signedIn((await ask(FinishPasskeyMfaDocument, { input: { challengeToken: waiting, assertion } })).finishPasskeyMfa)
    await openAccount()
  })
  onSubmit(part(HTMLFormElement, '#second-factor-form'), async (form) => {
    const input = { challengeToken: waiting, code: textOf(form, 'code') }
    signedIn((await ask(VerifyMfaDocument, { input })).verifyMfa)
    await openAccount()
  })
}

/** Shows the way in; passkeys are offered where the address is typed. */
export async function openSignIn(): Promise<void> {
  show('sign-in')
  if (!(await browserSupportsWebAuthnAutofill())) return
  try {
    await signInByPasskey(true)
  } catch (error) {
    // whoever signs in in another way ends the offer; what the gateway refuses is said
    if (!(error instanceof Error) || !['AbortError', 'NotAllowedError'].includes(error.name)) throw error
  }
}

/** After a right password: the account, or the question for a second factor. */
export async function goOn(result: SignInMutation['login']): Promise<void> {
  WebAuthnAbortService.cancelCeremony()
  if (result.__typename === 'AuthPayload') {
    signedIn(result)
    return openAccount()
  }
  waiting = result.challengeToken
  show('second-factor')
  part(HTMLElement, '#second-factor-by-passkey').hidden = !result.methods.includes('PASSKEY')
  part(HTMLElement, '#second-factor-form').hidden = !result.methods.some((method) => method !== 'PASSKEY')
}

async function signInByPasskey(autofill: boolean): Promise<void> {
  const { beginPasskeyLogin } = await ask(BeginPasskeyLoginDocument, {})
  const input = await signByPasskey(beginPasskeyLogin, autofill)
  signedIn((await ask(FinishPasskeyLoginDocument, { input })).finishPasskeyLogin)
  await openAccount()
}

/** Runs `work` for each click. */
export function onClick(selector: string, work: () => Promise<void>): void {
  const button = part(HTMLButtonElement, selector)
  button.addEventListener('click', () => void run(work, button))
}
