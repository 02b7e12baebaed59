/**
 * The archive a person downloads. In: the answers of the services, as lines that can be read twice. Out: a ZIP of each section
 * as JSON and as CSV and a manifest, a little at a time: no more of an answer is in memory than a few rows. Cells that a
 * spreadsheet would take for a formula begin with an apostrophe.
 */
import { stringify } from 'csv-stringify/sync'
import type { ExportLine } from '../../../platform/personal-data/export-lines.js'
import { zipFiles, type TextFile } from './zip-files.js'

type Row = Extract<ExportLine, { row: unknown }>['row']

export interface ExportAnswer {
  readonly service: string
  /** From the first on, at each call. */
  readonly lines: () => AsyncIterable<ExportLine>
}

export interface ArchiveFacts {
  readonly exportId: string
  readonly userId: string
  readonly requestedAt: Date
  readonly completedAt: Date
}

/** A service has more of the person than it can give. */
export class ExportRefusedError extends Error {}

interface Section {
  readonly name: string
  readonly columns: readonly string[]
  /** To be read before the next section is asked for. */
  readonly rows: AsyncIterable<Row>
}

interface SectionEntry {
  readonly service: string
  readonly section: string
  rows: number
  readonly json: string
  readonly csv: string
}

/** The ZIP's bytes, in their order. Throws what reading lines throws, and ExportRefusedError. */
export function makeArchive(answers: readonly ExportAnswer[], facts: ArchiveFacts): AsyncGenerator<Uint8Array> {
  return zipFiles(filesOf(answers, facts))
}

async function* filesOf(answers: readonly ExportAnswer[], facts: ArchiveFacts): AsyncGenerator<TextFile> {
  const contents: SectionEntry[] = []
  for (const { service, lines } of answers) {
    for await (const { name: section, rows } of sectionsOf(lines())) {
      const file = `${service}/${section}`
      const entry = { service, section, rows: 0, json: `${file}.json`, csv: `${file}.csv` }
      contents.push(entry)
      yield { name: entry.json, text: jsonOf(rows, entry) }
    }
    for await (const { name, columns, rows } of sectionsOf(lines())) {
      yield { name: `${service}/${name}.csv`, text: csvOf(columns, rows) }
    }
  }
  const manifest = { format: 'personal-data-export', version: 1, ...facts, contents }
  yield { name: 'manifest.json', text: textOf(JSON.stringify(manifest, null, 2)) }
}

async function* sectionsOf(lines: AsyncIterable<ExportLine>): AsyncGenerator<Section> {
  const reader = lines[Symbol.asyncIterator]()
  let next = await reader.next()
  async function* rowsHere(): AsyncGenerator<Row> {
    for (next = await reader.next(); next.done !== true && 'row' in next.value; next = await reader.next()) {
      yield next.value.row
    }
  }
  while (next.done !== true) {
    if (!('section' in next.value)) throw new ExportRefusedError() // rows never stand here: `joinLines` refuses them
    yield { name: next.value.section, columns: next.value.columns, rows: rowsHere() }
  }
}

/** Counts the rows on the way. */
async function* jsonOf(rows: AsyncIterable<Row>, entry: SectionEntry): AsyncGenerator<string> {
  yield '['
  for await (const row of rows) {
    yield `${entry.rows === 0 ? '' : ','}\n${JSON.stringify(row, null, 2)}`
    entry.rows += 1
  }
  yield '\n]\n'
}

async function* csvOf(columns: readonly string[], rows: AsyncIterable<Row>): AsyncGenerator<string> {
  yield csvLine(columns)
  for await (const row of rows) yield csvLine(columns.map((column) => cellOf(row[column])))
}

function csvLine(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: 'windows', escape_formulas: true })
}

function cellOf(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function* textOf(text: string): AsyncGenerator<string> {
  yield text
}
