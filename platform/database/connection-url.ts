/**
 * The address with settings every session of it begins with. What its `options` already said is kept; Prisma's `?schema=`,
 * which Postgres does not know, is taken out. The address wins over options given beside it, so they have to go into it.
 */
export function urlWithSettings(url: string, settings: Readonly<Record<string, string | number>>): string {
  const changed = new URL(url)
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  const options = [changed.searchParams.get('options') ?? '', ...flags].join(' ').trim()
  if (options !== '') changed.searchParams.set('options', options)
  changed.searchParams.delete('schema')
  return changed.toString()
}

/** A name as SQL takes it, whatever letters it has. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
