import type { AppError } from '../../../../platform/errors/app-error.js'

/** Something that succeeds or fails once, by whichever is said first. */
export interface Opening {
  readonly over: Promise<void>
  readonly isUnderWay: boolean
  succeed(): void
  fail(fault: AppError): void
}

export function createOpening(): Opening {
  let isUnderWay = true
  let succeed = () => {}
  let fail: (fault: AppError) => void = () => {}
  const over = new Promise<void>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  const settling =
    <Values extends unknown[]>(settle: (...values: Values) => void) =>
    (...values: Values) => {
      isUnderWay = false
      settle(...values)
    }
  return {
    over,
    succeed: settling(succeed),
    fail: settling(fail),
    get isUnderWay() {
      return isUnderWay
    },
  }
}
