import { createHmac, hkdfSync } from 'node:crypto'

/**
 * Keyed hashes by which a repeated probe is known without keeping the probe. Bound to the record, so that hashes of one
 * sample under two records have nothing in common. The keys are derived from the master keys (HKDF, RFC 5869): who has
 * only the database can't test a guess.
 */
export interface ProbeDigests {
  /** Under the current key: the one to store. */
  current(recordId: string, template: Uint8Array): Uint8Array<ArrayBuffer>
  /** Under every key at hand: the ones to look for. */
  all(recordId: string, template: Uint8Array): Uint8Array<ArrayBuffer>[]
}

export interface ProbeDigestOptions {
  readonly masterKeys: Readonly<Record<string, Uint8Array>>
  readonly currentKeyId: string
}

const PURPOSE = 'biometrics probe digest v1'

export function createProbeDigests({ masterKeys, currentKeyId }: ProbeDigestOptions): ProbeDigests {
  const keys = new Map(Object.entries(masterKeys).map(([id, key]) => [id, derive(key)]))
  const currentKey = keys.get(currentKeyId)
  if (currentKey === undefined) throw new RangeError('The current master key is not among the master keys.')
  return {
    current: (recordId, template) => digest(currentKey, recordId, template),
    all: (recordId, template) => [...keys.values()].map((key) => digest(key, recordId, template)),
  }
}

function derive(masterKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(0), PURPOSE, 32))
}

function digest(key: Uint8Array, recordId: string, template: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac('sha256', key).update(recordId).update(template).digest())
}
