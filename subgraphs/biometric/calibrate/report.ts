import { holds, type Finding } from './finding.js'

/** The findings as a table of fixed columns, those that leave their interval marked. */
export function tableOf(findings: readonly Finding[]): string {
  const header = ['figure', 'measured', 'known', 'from', 'may be', '']
  const rows = findings.map((finding) => [
    finding.name,
    digits(finding.measured),
    digits(finding.known),
    finding.from,
    `${digits(finding.low)} to ${digits(finding.high)}`,
    holds(finding) ? '' : 'OUTSIDE',
  ])
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)))
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function digits(value: number): string {
  return value === 0 ? '0' : Number(value.toPrecision(4)).toString()
}
