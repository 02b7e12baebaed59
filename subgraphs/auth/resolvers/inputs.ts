import { z } from 'zod'

/** Signs that are invisible, or turn text around, would let one name pass for another (Unicode TR 36). */
const invisible = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

const email = z.string().trim().max(254).pipe(z.email('must be an e-mail address'))

export const registerInput = z.object({
  email,
  password: z.string().min(12).max(128),
  name: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .refine((name) => !invisible.test(name), 'must not contain invisible characters'),
})

export const loginInput = z.object({ email, password: z.string().max(128) })

export const refreshTokenInput = z.object({ refreshToken: z.string().max(128) })
