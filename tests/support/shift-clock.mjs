/**
 * Loaded with `--import`: this process's wall clock is off by CLOCK_SHIFT_MS, and jumps by as much again at each SIGUSR2, as
 * when somebody sets a machine's clock. Monotonic clocks and timers go on, as they do then.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
let offsetMs = shiftMs
const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs)
    else super(...args)
  }
  static now() {
    return RealDate.now() + offsetMs
  }
}
process.on('SIGUSR2', () => (offsetMs += shiftMs))
