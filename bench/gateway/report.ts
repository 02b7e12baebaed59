import { median, type LoadResult } from '../load.js'
import { competitors } from './competitors.js'
import { queryNames, type QueryName } from './graph.js'

export interface Run extends LoadResult {
  /** Of the measured process, a request. */
  readonly cpuMicros: number | null
  readonly megabytes: number | null
}

export interface Report {
  addReady(name: string, readyMs: number): void
  addRun(name: string, query: QueryName, run: Run): void
  lines(options: { readonly seconds: number; readonly rounds: number }, connections: number): string[]
}

/** Collects runs and tells medians, each competitor also as a multiple of plain Apollo and as a share of the limit. */
export function createReport(): Report {
  const ready = new Map<string, number>()
  const runs = new Map<string, Run[]>()
  const of = (name: string, query: QueryName, key: keyof Run): number =>
    median((runs.get(`${name} ${query}`) ?? []).map((run) => run[key] ?? 0))

  const row = (name: string, query: QueryName): string => {
    const perSecond = of(name, query, 'perSecond')
    const cpu = of(name, query, 'cpuMicros')
    const ratio = (other: string) => {
      const rate = of(other, query, 'perSecond')
      const otherCpu = of(other, query, 'cpuMicros')
      return rate === 0 ? '     -      -' : `${pad(perSecond / rate, 6, 2)} ${pad(otherCpu / cpu, 6, 2)}`
    }
    const figures = [pad(perSecond, 9, 0), pad(cpu, 9, 0), pad(of(name, query, 'p50'), 8, 1)]
    const more = [pad(of(name, query, 'p99'), 8, 1), pad(of(name, query, 'megabytes'), 6, 0)]
    return `  ${(competitors[name]?.name ?? name).padEnd(14)}${figures.join('')}${more.join('')}   ${ratio('limit')}   ${ratio('apollo')}`
  }
  return {
    addReady: (name, readyMs) => void ready.set(name, readyMs),
    addRun(name, query, run) {
      const key = `${name} ${query}`
      runs.set(key, [...(runs.get(key) ?? []), run])
    },
    lines({ seconds, rounds }, connections) {
      const names = [...ready.keys()]
      const tables = queryNames.flatMap((query) => {
        const entered = names.filter((name) => runs.has(`${name} ${query}`))
        const rows = entered.map((name) => row(name, query))
        return rows.length === 0 ? [] : [`The ${query} query`, ...rows, '']
      })
      return [
        `${connections} connections, medians of ${rounds} rounds of ${seconds} s in alternation; "of limit" and "x Apollo" by`,
        'requests a second, then by processor time a request (which the rest of the machine disturbs less)',
        '                requests/s  cpu us  p50 ms  p99 ms    MB   of limit        x Apollo',
        ...tables,
        ...names.map(
          (name) => `  ${(competitors[name]?.name ?? name).padEnd(14)} ready in ${pad(ready.get(name) ?? 0, 5, 0)} ms`,
        ),
      ]
    },
  }
}

function pad(value: number, width: number, digits: number): string {
  return value.toFixed(digits).padStart(width)
}
