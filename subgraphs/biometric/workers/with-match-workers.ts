import { z } from 'zod'
import type { Modalities, Modality } from '../domain/modality.js'
import type { MatchPool } from './match-pool.js'

/**
 * The modalities with those comparisons in workers that are worth a message to one: fingerprints. Two embeddings take about as
 * long to compare as a microsecond, two irises some ten, and the message alone takes longer; see docs/adr.
 */
export function withMatchWorkers(modalities: Modalities, pool: MatchPool): Modalities {
  const moved = [...modalities].map(([type, modality]) => {
    return [type, type === 'FINGERPRINT' ? inWorkers(modality, pool) : modality] as const
  })
  return new Map(moved)
}

function inWorkers(modality: Modality, pool: MatchPool): Modality {
  return {
    ...modality,
    prepare(sample) {
      pool.requireRoom() // before an attempt is used up for what would be refused
      return modality.prepare(sample)
    },
    compare: async (enrolled, probe) => z.number().parse(await pool.run({ kind: 'compare-prints', enrolled, probe })),
  }
}
