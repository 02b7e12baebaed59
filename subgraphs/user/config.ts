import { z } from 'zod'
import { masterKeys, type MasterKeys } from '../../platform/config/master-keys.js'
import { portNumber, readEnvironment } from '../../platform/config/read-config.js'
import { consentKinds } from './domain/consents.js'
import type { PrivacySettings } from './open-privacy.js'

export interface UserConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
  /** What exports of data are sealed under. */
  readonly masterKeys: MasterKeys
  readonly privacy: PrivacySettings
}

const HOUR_MS = 3_600_000

/** What the environment need not say. */
export const defaultPrivacy: PrivacySettings = {
  erasureGraceMs: 0,
  askAgainMs: 60_000,
  sweepEveryMs: 2_000,
  downloadUrl: 'http://localhost:8080/exports/',
  consentDocuments: consentKinds.map((kind) => ({ kind, version: '1', url: null })),
}

const consentDocuments = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' })
      return z.NEVER
    }
  })
  .pipe(
    z
      .array(
        z.strictObject({
          kind: z.enum(consentKinds),
          version: z.string().min(1).max(40),
          url: z
            .url({ protocol: /^https?$/ })
            .nullish()
            .transform((url) => url ?? null),
        }),
      )
      .refine((all) => new Set(all.map(({ kind }) => kind)).size === all.length, 'names a kind twice')
      .refine((all) => all.some(({ kind }) => kind === 'BIOMETRIC'), 'lacks BIOMETRIC, which enrolling needs')
      .refine((all) => all.some(({ kind }) => kind === 'AI'), 'lacks AI, which asking models needs'),
  )

const variables = z.object({
  USER_CONSENT_DOCUMENTS: consentDocuments.default([...defaultPrivacy.consentDocuments]),
  USER_MASTER_KEYS: masterKeys,
  USER_DOWNLOAD_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/*$/, '/'))
    .default(defaultPrivacy.downloadUrl),
  USER_HOST: z.string().default('0.0.0.0'),
  USER_PORT: portNumber.default(8082),
  USER_ERASURE_GRACE_HOURS: z.coerce
    .number()
    .min(0)
    .max(24 * 30) // a person's request is to be met within a month (GDPR article 12)
    .default(defaultPrivacy.erasureGraceMs / HOUR_MS),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const userVariables = variables.shape

/** The user service's configuration from its environment. Throws ConfigError with every fault. */
export function readUserConfig(environment: Readonly<Record<string, string | undefined>>): UserConfig {
  const read = readEnvironment('user', variables, environment)
  return {
    http: { host: read.USER_HOST, port: read.USER_PORT },
    masterKeys: read.USER_MASTER_KEYS,
    privacy: {
      ...defaultPrivacy,
      erasureGraceMs: read.USER_ERASURE_GRACE_HOURS * HOUR_MS,
      downloadUrl: read.USER_DOWNLOAD_URL,
      consentDocuments: read.USER_CONSENT_DOCUMENTS,
    },
  }
}
