import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const CLOCK_TICK_MS = 10 // USER_HZ is 100 on every Linux that Node runs on
const canPin = existsSync('/usr/bin/taskset') && availableParallelism() > 1

/** The command, bound to one core where that can be done. */
export function pinned(core: number, command: readonly string[]): [string, string[]] {
  return canPin ? ['/usr/bin/taskset', ['-c', `${core}`, ...command]] : [command[0] ?? '', command.slice(1)]
}

/**
 * Milliseconds of processor time a process has used, user and system; null where the system does not tell. By the scheduler's
 * own count of each thread where there is one, in nanoseconds; else in steps of 10 ms.
 */
export function readCpu(pid: number | undefined): number | null {
  return scheduledMs(pid) ?? accountedMs(pid)
}

function scheduledMs(pid: number | undefined): number | null {
  const threads = `/proc/${pid}/task`
  if (!existsSync(`/proc/${pid}/schedstat`)) return null
  const counts = readdirSync(threads).map((thread) => Number(readProc(`${threads}/${thread}/schedstat`)?.split(' ')[0]))
  const nanoseconds = counts.reduce((sum, count) => sum + count, 0)
  return nanoseconds > 0 ? nanoseconds / 1e6 : null // NaN for a thread that has ended meanwhile
}

function accountedMs(pid: number | undefined): number | null {
  const fields = readProc(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ') // behind the name: state is field 3
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS
}

/** Resident megabytes of a process; null where the system does not tell. */
export function readResident(pid: number | undefined): number | null {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) / 1024
}

function readProc(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
