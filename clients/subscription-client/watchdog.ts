/** Cuts a connection of which a sign of life was expected and did not come. */
export function createWatchdog(limitMs: number, cut: () => void): { expect(): void; calm(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    expect: () => void (timer ??= setTimeout(cut, limitMs)),
    calm() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
