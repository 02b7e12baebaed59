import { z } from 'zod'
import { nameText, storableText } from '../../../platform/graphql/text-input.js'

const email = z.string().trim().max(254).pipe(z.email('must be an e-mail address'))

export const registerInput = z.object({
  email,
  password: storableText({ min: 12, max: 128 }),
  name: nameText({ min: 2, max: 100 }),
})

export const loginInput = z.object({ email, password: storableText({ max: 128 }) })

export const refreshTokenInput = z.object({ refreshToken: z.string().max(128) })
