import { WebAuthnError } from '@simplewebauthn/browser'
import { GraphqlRequestError } from '../graphql-request-error.js'
import { say } from './elements.js'

/** What went wrong, in words for whoever sits there. */
export function wordsFor(error: unknown): string {
  if (error instanceof GraphqlRequestError) {
    const reasons = error.errors.flatMap(({ extensions }) => detailsOf(extensions?.['details']))
    return [error.message, ...reasons].join(' ')
  }
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return 'This device has a passkey of yours already.'
  if (error instanceof Error && error.name === 'NotAllowedError')
    return 'No passkey was used: it was cancelled, or took too long.'
  if (error instanceof TypeError) return 'Nobody answers just now: try again shortly.'
  return error instanceof Error ? error.message : 'Something went wrong.'
}

function detailsOf(details: unknown): readonly string[] {
  if (!Array.isArray(details)) return []
  return details.flatMap((detail: { reason?: unknown }) => (typeof detail.reason === 'string' ? [detail.reason] : []))
}

/** Runs what somebody asked for: their button is busy meanwhile, and what goes wrong is said. */
export async function run(work: () => Promise<void>, button?: HTMLButtonElement | null): Promise<void> {
  say('')
  if (button) button.disabled = true
  try {
    await work()
  } catch (error) {
    say(wordsFor(error), true)
  } finally {
    if (button) button.disabled = false
  }
}

/** Runs `work` for each time a form is sent. */
export function onSubmit(form: HTMLFormElement, work: (form: HTMLFormElement) => Promise<void>): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void run(() => work(form), form.querySelector('button'))
  })
}
