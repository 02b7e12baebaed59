import { once } from 'node:events'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { readResident } from '../process-figures.js'

export interface Memory {
  /** JavaScript's heap and what hangs on it outside, such as buffers. */
  readonly heapKilobytes: number
  /** Everything, with what the allocators keep for later. */
  readonly residentKilobytes: number
}

const targets = z.tuple([z.looseObject({ webSocketDebuggerUrl: z.string() })]).rest(z.unknown())
const evaluated = z.object({ result: z.object({ result: z.object({ value: z.number() }) }) })

/**
 * The memory of a Node process after a full collection, so that what is only garbage counts for nobody. The inspector
 * listens from the first call on: that costs a process nothing while nobody is connected.
 */
export async function readMemory(pid: number, inspectPort: number): Promise<Memory> {
  process.kill(pid, 'SIGUSR1')
  const socket = new WebSocket(await debuggerUrl(inspectPort))
  await once(socket, 'open')
  const call = async (id: number, method: string, params: Readonly<Record<string, unknown>> = {}) => {
    socket.send(JSON.stringify({ id, method, params }))
    const [answer] = await once(socket, 'message')
    return JSON.parse(String(answer))
  }
  await call(1, 'HeapProfiler.collectGarbage')
  await call(2, 'HeapProfiler.collectGarbage') // what the first one only finalised
  const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())'
  const bytes = evaluated.parse(await call(3, 'Runtime.evaluate', { expression })).result.result.value
  socket.close()
  await once(socket, 'close')
  return { heapKilobytes: bytes / 1_024, residentKilobytes: (readResident(pid) ?? NaN) * 1_024 }
}

async function debuggerUrl(port: number): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/json/list`)
      return targets.parse(await response.json())[0].webSocketDebuggerUrl
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
