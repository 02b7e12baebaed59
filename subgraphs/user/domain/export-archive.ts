/**
 * The archive a person downloads. In: the answers of the services, as lines. Out: a ZIP with a manifest, and each section as
 * JSON and as CSV. Cells that a spreadsheet would take for a formula begin with an apostrophe.
 */
import { stringify } from 'csv-stringify/sync'
import { zip, type AsyncZippable } from 'fflate'
import { exportLine, type ExportLine } from '../../../platform/personal-data/export-plan.js'

type Row = Extract<ExportLine, { row: unknown }>['row']

export interface ExportAnswer {
  readonly service: string
  /** JSON lines in UTF-8, as `answerExports` sends them. */
  readonly bytes: Uint8Array
}

export interface ArchiveFacts {
  readonly exportId: string
  readonly userId: string
  readonly requestedAt: Date
  readonly completedAt: Date
}

interface Section {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: Row[]
}

/** Throws ZodError or SyntaxError for an answer that is not made of such lines. */
export async function makeArchive(answers: readonly ExportAnswer[], facts: ArchiveFacts): Promise<Uint8Array> {
  const files: AsyncZippable = {}
  const contents = answers.flatMap(({ service, bytes }) =>
    sectionsOf(bytes).map(({ name, columns, rows }) => {
      const file = `${service}/${name}`
      files[`${file}.json`] = encode(JSON.stringify(rows, null, 2))
      files[`${file}.csv`] = encode(csvOf(columns, rows))
      return { service, section: name, rows: rows.length, json: `${file}.json`, csv: `${file}.csv` }
    }),
  )
  const manifest = { format: 'personal-data-export', version: 1, ...facts, contents }
  files['manifest.json'] = encode(JSON.stringify(manifest, null, 2))
  return new Promise((resolve, reject) => {
    zip(files, { level: 6 }, (error, archive) => (error === null ? resolve(archive) : reject(error)))
  })
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = []
  for (const text of new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n')) {
    if (text === '') continue
    const line = exportLine.parse(JSON.parse(text))
    if ('section' in line) sections.push({ name: line.section, columns: line.columns, rows: [] })
    else {
      const section = sections.at(-1)
      if (section === undefined) throw new SyntaxError('A row of an export belongs to no section.')
      section.rows.push(line.row)
    }
  }
  return sections
}

function csvOf(columns: readonly string[], rows: readonly Row[]): string {
  return stringify(
    rows.map((row) => columns.map((column) => cellOf(row[column]))),
    { header: true, columns: [...columns], record_delimiter: 'windows', escape_formulas: true },
  )
}

function cellOf(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
