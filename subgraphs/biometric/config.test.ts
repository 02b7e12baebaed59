import { describe, expect, it } from '@jest/globals'
import { ConfigError } from '../../platform/config/read-config.js'
import { readBiometricConfig } from './config.js'

const base64 = Buffer.alloc(32, 7).toString('base64')
const enough = { BIOMETRIC_MASTER_KEYS: `k1:${base64}`, BIOMETRIC_MASTER_KEY_ID: 'k1' }

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readBiometricConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('the configuration of biometric', () => {
  it('needs its keys and has a default for all else', () => {
    expect(readBiometricConfig(enough)).toMatchObject({
      http: { host: '0.0.0.0', port: 8085 },
      masterKeys: { keys: { k1: new Uint8Array(32).fill(7) }, currentKeyId: 'k1' },
      policy: { falseMatchRate: 1e-4, minimumQuality: 40, maximumFrames: 3, sessionLifeMs: 120_000 },
    })
  })

  it('takes the terms of a verification', () => {
    const terms = {
      BIOMETRIC_FALSE_MATCH_RATE: '1e-6',
      BIOMETRIC_MINIMUM_QUALITY: '60',
      BIOMETRIC_MAXIMUM_FRAMES: '1',
      BIOMETRIC_MAXIMUM_RECORDS: '3',
      BIOMETRIC_RECORD_LIFE_DAYS: '90',
      BIOMETRIC_SESSION_LIFE_SECONDS: '30',
    }
    expect(readBiometricConfig({ ...enough, ...terms }).policy).toMatchObject({
      ...{ falseMatchRate: 1e-6, minimumQuality: 60, maximumFrames: 1, maximumRecords: 3, sessionLifeMs: 30_000 },
      recordLifeMs: 7_776_000_000,
    })
  })

  it('takes several keys, the old ones to open with', () => {
    const { masterKeys } = readBiometricConfig({ ...enough, BIOMETRIC_MASTER_KEYS: `k0:${base64}, k1:${base64}` })
    expect(Object.keys(masterKeys.keys)).toEqual(['k0', 'k1'])
  })

  it('refuses to start without keys, naming both variables', () => {
    expect(faultsOf({}).map((fault) => fault.split(':')[0])).toEqual([
      'BIOMETRIC_MASTER_KEYS',
      'BIOMETRIC_MASTER_KEY_ID',
    ])
  })

  it.each([
    ['no id', base64],
    ['a key that is too short', `k1:${Buffer.alloc(16).toString('base64')}`],
    ['one id twice', `k1:${base64},k1:${base64}`],
    ['an id with blanks', `k 1:${base64}`],
  ])('refuses %s, and repeats no key', (_what, keys) => {
    const faults = faultsOf({ ...enough, BIOMETRIC_MASTER_KEYS: keys })
    expect(faults).toEqual([expect.stringMatching(/^BIOMETRIC_MASTER_KEYS: must be id:base64 of 32 bytes/)])
    expect(faults.join()).not.toContain(base64)
  })

  it('refuses a current key that is not among the keys', () => {
    expect(faultsOf({ ...enough, BIOMETRIC_MASTER_KEY_ID: 'k2' })).toEqual([
      expect.stringMatching(/^BIOMETRIC_MASTER_KEY_ID: /),
    ])
  })

  it.each(['0', '11', '1.5', 'three'])('refuses %s frames', (frames) => {
    expect(faultsOf({ ...enough, BIOMETRIC_MAXIMUM_FRAMES: frames })).toEqual([
      expect.stringMatching(/^BIOMETRIC_MAXIMUM_FRAMES: /),
    ])
  })
})
