/** A part of a template that is replaced when a stream begins. */
export interface Placeholder {
  readonly from: 'args' | 'claims'
  readonly name: string
}

const PLACEHOLDER = /\{(args|claims)\.([A-Za-z_][\w-]*)\}/g

/** The placeholders of a template, in order. Throws where a brace is not of one. */
export function placeholdersOf(template: string): Placeholder[] {
  const found: Placeholder[] = []
  const rest = fillTemplate(template, (placeholder) => {
    found.push(placeholder)
    return ''
  })
  if (/[{}]/.test(rest)) throw new Error(`'${template}' has braces that are not {args.x} or {claims.x}`)
  return found
}

/** The template with `valueOf` each placeholder in its place. */
export function fillTemplate(template: string, valueOf: (placeholder: Placeholder) => string): string {
  return template.replaceAll(PLACEHOLDER, (_text, from: 'args' | 'claims', name: string) => valueOf({ from, name }))
}

/** The placeholder of a template that is nothing else; null for any other. */
export function solePlaceholder(template: string): Placeholder | null {
  const [first] = template.matchAll(PLACEHOLDER)
  if (first === undefined || first[0] !== template) return null
  return { from: first[1] === 'args' ? 'args' : 'claims', name: first[2] ?? '' }
}
