import {
  BeginPasskeyReauthenticationDocument,
  FinishPasskeyReauthenticationDocument,
  ReauthenticateDocument,
} from '../generated/documents.js'
import { GraphqlRequestError } from '../graphql-request-error.js'
import { signByPasskey } from './ceremonies.js'
import { part, textOf } from './elements.js'
import { wordsFor } from './faults.js'
import { ask, reauthenticated } from './gateway.js'

/** Runs `work`, and where it needs a recent sign-in asks for one and runs it again. */
export async function withStepUp<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GraphqlRequestError) || error.code !== 'AUTH_STEP_UP_REQUIRED') throw error
    await askWhoItIs()
    return work()
  }
}

async function byPasskey(): Promise<void> {
  const { beginPasskeyReauthentication } = await ask(BeginPasskeyReauthenticationDocument, {})
  const input = await signByPasskey(beginPasskeyReauthentication)
  reauthenticated(
    (await ask(FinishPasskeyReauthenticationDocument, { input })).finishPasskeyReauthentication.accessToken,
  )
}

async function byPassword(form: HTMLFormElement): Promise<void> {
  const code = textOf(form, 'code')
  const input = { password: textOf(form, 'password'), ...(code !== '' && { code }) }
  reauthenticated((await ask(ReauthenticateDocument, { input })).reauthenticate.accessToken)
}

/** Opens the dialog until somebody has proved who they are. Throws when they would rather not. */
async function askWhoItIs(): Promise<void> {
  const dialog = part(HTMLDialogElement, '#step-up')
  const form = part(HTMLFormElement, '#step-up-form')
  const notice = part(HTMLElement, '#step-up-notice')
  const ended = new AbortController()
  const proved = new Promise<void>((resolve, reject) => {
    const attempt = async (work: () => Promise<void>) => {
      notice.hidden = true
      try {
        await work()
        resolve()
      } catch (error) {
        notice.textContent = wordsFor(error)
        notice.hidden = false
      }
    }
    const on = (element: HTMLElement, event: string, work: () => void) =>
      element.addEventListener(event, (sent) => (sent.preventDefault(), work()), { signal: ended.signal })
    const leave = () => reject(new Error('Nothing was changed.'))
    on(part(HTMLButtonElement, '#step-up-by-passkey'), 'click', () => void attempt(byPasskey))
    on(form, 'submit', () => void attempt(() => byPassword(form)))
    on(part(HTMLButtonElement, '#step-up-cancel'), 'click', leave)
    on(dialog, 'cancel', leave)
  })
  form.reset()
  notice.hidden = true
  dialog.showModal()
  try {
    await proved
  } finally {
    ended.abort()
    dialog.close()
  }
}
