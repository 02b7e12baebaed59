/**
 * Asks again until the answer fits: for what other services learn from events a moment later. Throws after `limitMs` with
 * the last answer.
 */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, limitMs = 10_000): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (fits(answer)) return answer
    if (Date.now() > deadline)
      throw new Error(`It did not come about within ${limitMs} ms; the last answer: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
