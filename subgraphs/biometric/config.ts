import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { masterKeys, type MasterKeys } from '../../platform/config/master-keys.js'
import { createReachableNetworks } from '../../platform/callback/reachable-networks.js'
import { ConfigError, portNumber, readEnvironment } from '../../platform/config/read-config.js'
import { defaultPolicy, type VerificationPolicy } from './domain/policy.js'

export interface BiometricConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
  /** What templates are sealed under. Old keys stay until nothing is sealed under them. */
  readonly masterKeys: MasterKeys
  readonly policy: VerificationPolicy
  /** How often overdue verifications are looked for; one that somebody reads is found at once. */
  readonly sweepEveryMs: number
  readonly matching: MatchingConfig
  readonly search: SearchConfig
  readonly callbacks: {
    /** Networks that callbacks may go to beside the public internet, such as `10.1.0.0/16`. */
    readonly allowedNetworks: readonly string[]
    /** Authorities that receivers' certificates may come from, in PEM; null for those Node knows (also by NODE_EXTRA_CA_CERTS). */
    readonly authorities: readonly string[] | null
    /** How often callbacks that are due are looked for. */
    readonly everyMs: number
  }
}

/** How galleries are searched. */
export interface SearchConfig {
  /** What galleries may take of memory, all together. */
  readonly memoryBytes: number
  /** How often samples of people who are not in a gallery may get a candidate. */
  readonly falsePositiveIdentificationRate: number
  /** Of one caller. */
  readonly searchesAMinute: number
  /** How often is looked for what changed without being told, and for galleries that could not be read. */
  readonly sweepEveryMs: number
}

/** How much is compared at once, in threads of its own. */
export interface MatchingConfig {
  readonly threads: number
  /** Comparisons under way and waiting; one more is refused. */
  readonly places: number
  readonly deadlineMs: number
}

/** How often overdue verifications are looked for, where nobody says otherwise. */
export const defaultSweepEveryMs = 2_000

/** What is compared at once, where nobody says otherwise. A comparison takes milliseconds: the deadline is for what should not be. */
export const defaultMatching: MatchingConfig = { threads: availableParallelism(), places: 256, deadlineMs: 60_000 }

/** How often callbacks that are due are looked for, where nobody says otherwise. */
export const defaultCallbacksEveryMs = 1_000

const networks = z
  .string()
  .transform((text) => text.split(',').map((network) => network.trim()))
  .refine(areNetworks, 'must be networks such as 10.1.0.0/16, separated by commas')

function areNetworks(list: readonly string[]): boolean {
  try {
    createReachableNetworks(list)
    return true
  } catch {
    return false
  }
}

/** How galleries are searched, where nobody says otherwise: half a million faces in as much memory. */
export const defaultSearch: SearchConfig = {
  memoryBytes: 1_024 * 1_048_576,
  falsePositiveIdentificationRate: 0.01,
  searchesAMinute: 60,
  sweepEveryMs: 30_000,
}

const DAY_MS = 86_400_000

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

const variables = z.object({
  BIOMETRIC_HOST: z.string().default('0.0.0.0'),
  BIOMETRIC_PORT: portNumber.default(8085),
  BIOMETRIC_MASTER_KEYS: masterKeys,
  BIOMETRIC_MASTER_KEY_ID: z.string('is needed: the id, among BIOMETRIC_MASTER_KEYS, of the key to seal with'),
  BIOMETRIC_FALSE_MATCH_RATE: z.coerce.number().min(1e-9).max(1e-2).default(defaultPolicy.falseMatchRate),
  BIOMETRIC_MINIMUM_QUALITY: whole(0, 100).default(defaultPolicy.minimumQuality),
  BIOMETRIC_MAXIMUM_FRAMES: whole(1, 10).default(defaultPolicy.maximumFrames),
  BIOMETRIC_MAXIMUM_RECORDS: whole(1, 100).default(defaultPolicy.maximumRecords),
  BIOMETRIC_RECORD_LIFE_DAYS: whole(1, 36_500).default(defaultPolicy.recordLifeMs / DAY_MS),
  BIOMETRIC_SESSION_LIFE_SECONDS: whole(10, 3_600).default(defaultPolicy.sessionLifeMs / 1000),
  BIOMETRIC_MATCH_THREADS: whole(1, 256).optional(),
  BIOMETRIC_MATCH_PLACES: whole(1, 100_000).default(defaultMatching.places),
  BIOMETRIC_SEARCH_MEMORY_MIB: whole(8, 4_096).default(defaultSearch.memoryBytes / 1_048_576),
  BIOMETRIC_FALSE_POSITIVE_IDENTIFICATION_RATE: z.coerce
    .number()
    .min(1e-6)
    .max(0.5)
    .default(defaultSearch.falsePositiveIdentificationRate),
  BIOMETRIC_SEARCHES_A_MINUTE: whole(1, 100_000).default(defaultSearch.searchesAMinute),
  BIOMETRIC_WEBHOOK_NETWORKS: networks.default([]),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const biometricVariables = variables.shape

/** The biometric service's configuration from its environment. Throws ConfigError with every fault. */
export function readBiometricConfig(environment: Readonly<Record<string, string | undefined>>): BiometricConfig {
  const read = readEnvironment('biometric', variables, environment)
  const { BIOMETRIC_MASTER_KEY_ID: currentKeyId } = read
  const { keys } = read.BIOMETRIC_MASTER_KEYS
  if (keys[currentKeyId] === undefined) {
    throw new ConfigError('biometric', ['BIOMETRIC_MASTER_KEY_ID: must be the id of one of BIOMETRIC_MASTER_KEYS'])
  }
  return {
    http: { host: read.BIOMETRIC_HOST, port: read.BIOMETRIC_PORT },
    masterKeys: { keys, currentKeyId },
    policy: {
      ...defaultPolicy,
      falseMatchRate: read.BIOMETRIC_FALSE_MATCH_RATE,
      minimumQuality: read.BIOMETRIC_MINIMUM_QUALITY,
      maximumFrames: read.BIOMETRIC_MAXIMUM_FRAMES,
      maximumRecords: read.BIOMETRIC_MAXIMUM_RECORDS,
      recordLifeMs: read.BIOMETRIC_RECORD_LIFE_DAYS * DAY_MS,
      sessionLifeMs: read.BIOMETRIC_SESSION_LIFE_SECONDS * 1000,
    },
    sweepEveryMs: defaultSweepEveryMs,
    matching: {
      ...defaultMatching,
      threads: read.BIOMETRIC_MATCH_THREADS ?? defaultMatching.threads,
      places: read.BIOMETRIC_MATCH_PLACES,
    },
    search: {
      ...defaultSearch,
      memoryBytes: read.BIOMETRIC_SEARCH_MEMORY_MIB * 1_048_576,
      falsePositiveIdentificationRate: read.BIOMETRIC_FALSE_POSITIVE_IDENTIFICATION_RATE,
      searchesAMinute: read.BIOMETRIC_SEARCHES_A_MINUTE,
    },
    callbacks: {
      ...{ allowedNetworks: read.BIOMETRIC_WEBHOOK_NETWORKS, authorities: null, everyMs: defaultCallbacksEveryMs },
    },
  }
}
