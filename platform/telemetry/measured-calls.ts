/** What is done around every call of a function: begun when it is called, ended when it has answered, however it answers. */
export interface CallObserver {
  /** Called with the arguments; what it returns is called when the call is over, with the error it failed with. */
  begin(args: readonly unknown[]): (error: unknown) => void
}

type Callable = (...args: never[]) => unknown

/**
 * The same function, observed. For functions that answer by a promise, or by a last argument that is a callback as Node
 * calls it; what answers otherwise is over when it returns.
 */
export function measureCalls<Call extends Callable>(call: Call, observer: CallObserver): Call {
  return new Proxy(call, {
    apply(target, self, args: unknown[]) {
      const ended = observer.begin(args)
      const callback = args.at(-1)
      const passed = typeof callback === 'function' ? [...args.slice(0, -1), afterwards(callback, ended)] : args
      return watch(() => Reflect.apply(target, self, passed), ended, passed !== args)
    },
  })
}

function afterwards(callback: CallableFunction, ended: (error: unknown) => void) {
  return (...answer: unknown[]): unknown => {
    ended(answer[0])
    return Reflect.apply(callback, undefined, answer)
  }
}

function watch(call: () => unknown, ended: (error: unknown) => void, byCallback: boolean): unknown {
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    if (!byCallback) ended(error)
    throw error
  }
  if (byCallback) return answer
  if (answer instanceof Promise) answer.then(() => ended(undefined), ended)
  else ended(undefined)
  return answer
}
