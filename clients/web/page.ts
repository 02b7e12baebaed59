/**
 * A small page over the gateway: opening an account, signing in by password or passkey, managing passkeys. In: what somebody
 * does. Out: typed operations. It keeps nothing in the browser, and makes no HTML from text.
 */
import './without-eval.js'
import { WebAuthnAbortService } from '@simplewebauthn/browser'
import { setUpAccount } from './account.js'
import { part, say, show, type Section } from './elements.js'
import { run } from './faults.js'
import { signOut } from './gateway.js'
import { openLink, setUpLinks } from './links.js'
import { onClick, openSignIn, setUpSignIn } from './sign-in.js'

setUpSignIn()
setUpAccount()
setUpLinks()

onClick('#sign-out', async () => {
  await signOut()
  void run(openSignIn)
  say('You are signed out.')
})

for (const section of ['sign-in', 'register', 'forgotten'] satisfies Section[]) {
  for (const button of document.querySelectorAll(`[data-go="${section}"]`)) {
    button.addEventListener('click', () => {
      WebAuthnAbortService.cancelCeremony()
      say('')
      if (section === 'sign-in') void run(openSignIn)
      else show(section)
    })
  }
}

part(HTMLElement, 'main').setAttribute('data-ready', '')
if (!openLink()) void run(openSignIn)
