import { z } from 'zod'

/** Postgres has no U+0000 in its texts. */
function withoutNul(value: string): boolean {
  return !value.includes('\0')
}

const nulFault = 'must not contain the character U+0000'

export const generateWithAiInput = z.object({
  prompt: z.string().min(1, { abort: true }).max(20_000).regex(/\S/, 'must not be blank').refine(withoutNul, nulFault),
  model: z
    .string()
    .max(200)
    .refine(withoutNul, nulFault)
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
