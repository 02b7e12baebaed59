import { expect, it } from '@jest/globals'
import { holds } from './finding.js'
import { tableOf } from './report.js'
import { runRecipes, seedSizes } from './run-recipes.js'

it('measures of synthetic people what theory and the recipes say, within what chance allows', () => {
  const { findings } = runRecipes(seedSizes, 20_261_121)
  process.stdout.write(`${tableOf(findings)}\n`)
  expect(findings.length).toBeGreaterThan(25)
  expect(findings.filter((finding) => !holds(finding))).toEqual([])
}, 240_000) // seconds of arithmetic, and minutes on a machine that is busy
