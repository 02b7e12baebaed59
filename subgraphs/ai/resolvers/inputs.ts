import { z } from 'zod'
import { longText, storableText } from '../../../platform/graphql/text-input.js'

export const generateWithAiInput = z.object({
  prompt: longText({ min: 1, max: 20_000 }).regex(/\S/, 'must not be blank'),
  model: storableText({ max: 200 })
    .nullish()
    .transform((model) => model ?? null),
  maxTokens: z
    .int()
    .min(1)
    .max(32_768)
    .nullish()
    .transform((maxTokens) => maxTokens ?? 1_024),
})

const instantMs = z.int().min(0).max(253_402_300_799_999) // Postgres and JavaScript both write years of four digits

/** The cursor of the history: newest first. */
export const historyCursor = z.tuple([instantMs, z.uuid()])
