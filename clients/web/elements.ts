/** What the page finds in its own HTML. A missing part is a bug, and throws. */
export function part<Kind extends Element>(kind: new () => Kind, selector: string, root: ParentNode = document): Kind {
  const found = root.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`)
  return found
}

export function metaContent(name: string): string {
  return part(HTMLMetaElement, `meta[name="${name}"]`).content
}

/** The text of a form's field. */
export function textOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value : ''
}

const sections = [
  'sign-in',
  'register',
  'forgotten',
  'verify-email',
  'reset-password',
  'second-factor',
  'account',
] as const
export type Section = (typeof sections)[number]

/** Shows one section, and tells those who can't see by moving the focus to its title. */
export function show(shown: Section): void {
  for (const name of sections) part(HTMLElement, `#${name}`).hidden = name !== shown
  part(HTMLButtonElement, '#sign-out').hidden = shown !== 'account'
  for (const form of document.querySelectorAll('form')) if (form.closest('#account') === null) form.reset()
  part(HTMLElement, `#${shown} h1`).focus()
}

/** Says something; nothing clears what was said. */
export function say(words: string, isFault = false): void {
  const notice = part(HTMLElement, '#notice')
  notice.hidden = words === ''
  notice.textContent = words
  notice.classList.toggle('fault', isFault)
}
