import { readFileSync } from 'node:fs'

const LOOK_EVERY_MS = 1_000

/** Calls `gone` once when the parent of this process has ended, also by a kill that it could not pass on. */
export function onParentGone(gone: () => void): void {
  const first = forebears()
  const timer = setInterval(() => {
    if (forebears() === first) return
    clearInterval(timer)
    gone()
  }, LOOK_EVERY_MS)
  timer.unref()
}

/** The parent, and on Linux its parent: where sh stays between, it outlives an npm that was killed. */
function forebears(): string {
  const parent = process.ppid
  return `${parent} ${process.platform === 'linux' ? parentOf(parent) : ''}`
}

function parentOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')')).split(' ')[2] ?? '' // the name before may hold spaces
  } catch {
    return ''
  }
}
