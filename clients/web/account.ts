import {
  BeginPasskeyRegistrationDocument,
  FinishPasskeyRegistrationDocument,
  OwnAccountDocument,
  RemovePasskeyDocument,
  RenamePasskeyDocument,
  type PasskeyShownFragment,
} from '../generated/documents.js'
import { createPasskey } from './ceremonies.js'
import { part, say, show, textOf } from './elements.js'
import { onSubmit, run } from './faults.js'
import { ask } from './gateway.js'
import { withStepUp } from './step-up.js'

/** Sets up what somebody signed in sees. */
export function setUpAccount(): void {
  onSubmit(part(HTMLFormElement, '#add-passkey'), async (form) => {
    const name = textOf(form, 'name')
    const { passkey, recoveryCodes } = await withStepUp(async () => {
      const { beginPasskeyRegistration } = await ask(BeginPasskeyRegistrationDocument, {})
      const input = await createPasskey(beginPasskeyRegistration, name)
      return (await ask(FinishPasskeyRegistrationDocument, { input })).finishPasskeyRegistration
    })
    form.reset()
    await refresh()
    say(`The passkey ${passkey.name} was added.`)
    if (recoveryCodes !== null) tellRecoveryCodes(recoveryCodes)
  })
}

/** Shows the account of whoever is signed in. */
export async function openAccount(): Promise<void> {
  part(HTMLElement, '#recovery-codes').hidden = true
  await refresh()
  show('account')
}

async function refresh(): Promise<void> {
  const { me, myPasskeys } = await ask(OwnAccountDocument, {})
  part(HTMLElement, '#account-email').textContent = me?.email ?? ''
  part(HTMLElement, '#passkeys').replaceChildren(...(myPasskeys ?? []).map(itemOf))
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

function itemOf(passkey: PasskeyShownFragment): DocumentFragment {
  const item = part(HTMLTemplateElement, 'template#passkey').content.cloneNode(true)
  if (!(item instanceof DocumentFragment)) throw new Error('A template holds a fragment.')
  part(HTMLInputElement, 'input', item).value = passkey.name
  part(HTMLElement, 'small', item).textContent = factsOf(passkey)
  const remove = part(HTMLButtonElement, 'button.danger', item)
  remove.setAttribute('aria-label', `Remove ${passkey.name}`)
  remove.addEventListener('click', () => void run(() => removePasskey(passkey), remove))
  onSubmit(part(HTMLFormElement, 'form', item), async (form) => {
    const { renamePasskey } = await ask(RenamePasskeyDocument, { id: passkey.id, name: textOf(form, 'name') })
    await refresh()
    say(`It is called ${renamePasskey.name} now.`)
  })
  return item
}

async function removePasskey({ id, name }: PasskeyShownFragment): Promise<void> {
  await withStepUp(() => ask(RemovePasskeyDocument, { id }))
  await refresh()
  say(`The passkey ${name} was removed.`)
}

function factsOf({ createdAt, lastUsedAt, syncable, backedUp }: PasskeyShownFragment): string {
  const used = lastUsedAt === null ? 'not used yet' : `last used ${day.format(new Date(lastUsedAt))}`
  const kept = syncable ? (backedUp ? 'synced' : 'can be synced') : 'on one device only'
  return `Added ${day.format(new Date(createdAt))}, ${used}, ${kept}.`
}

function tellRecoveryCodes(codes: readonly string[]): void {
  const items = codes.map((code) => {
    const item = document.createElement('li')
    item.textContent = code
    return item
  })
  part(HTMLElement, '#recovery-codes ol').replaceChildren(...items)
  part(HTMLElement, '#recovery-codes').hidden = false
  part(HTMLElement, '#recovery-codes h2').focus()
}
