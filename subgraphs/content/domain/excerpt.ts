const LONGEST = 200

/** The first words of a text on one line, at most 200 characters, an ellipsis where it goes on. */
export function excerptOf(body: string): string {
  // A text may begin with kilobytes of blanks, so it is cut after they are gone; a word longer than the excerpt is cut too.
  const text = body.replaceAll(/\s+/g, ' ').trim()
  if (text.length <= LONGEST) return text
  const cut = text.slice(0, LONGEST)
  const lastBlank = cut.lastIndexOf(' ')
  const words = lastBlank > 0 ? cut.slice(0, lastBlank) : withoutHalfCharacter(cut.slice(0, LONGEST - 1))
  return `${words.replace(/[\s,;:.–-]+$/u, '')}…`
}

function withoutHalfCharacter(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text
}
