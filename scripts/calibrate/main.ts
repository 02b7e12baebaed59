/**
 * `npm run calibrate -- [--full] [--seed N]`: runs the synthetic recipes of every modality. In: nothing else. Out: a table of what
 * was measured against what is known, DET curves into docs/det/, and exit code 1 when a figure leaves its interval. It
 * says nothing about people: for those, measure a model's or a sensor's own strangers.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { plotDet } from '../../subgraphs/biometric/calibrate/det-plot.js'
import { holds } from '../../subgraphs/biometric/calibrate/finding.js'
import { tableOf } from '../../subgraphs/biometric/calibrate/report.js'
import { fullSizes, runRecipes, seedSizes } from '../../subgraphs/biometric/calibrate/run-recipes.js'

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? 1)
if (!Number.isSafeInteger(seed)) throw new TypeError('--seed must be a whole number.')

const { findings, plots } = runRecipes(values.full ? fullSizes : seedSizes, seed)
console.log(tableOf(findings))
const folder = path.resolve(import.meta.dirname, '../../docs/det')
await mkdir(folder, { recursive: true })
for (const [name, trials] of plots)
  await writeFile(path.join(folder, `${name}.svg`), plotDet(`DET, ${name}, synthetic`, trials))
if (!findings.every(holds)) process.exitCode = 1
