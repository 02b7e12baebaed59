import { z } from 'zod'
import { initialPreferences, type PreferenceSettings } from '../domain/preferences.js'

/**
 * The document in the column, which says its own form: a later form is read by a further member of this union that turns it into
 * the present one, so that rows need no migration. What a form does not know keeps its initial value.
 */
const form1 = z.object({
  form: z.literal(1),
  theme: z.enum(['SYSTEM', 'LIGHT', 'DARK']).default(initialPreferences.theme),
  textScalePercent: z.int().min(50).max(300).default(initialPreferences.textScalePercent),
  reducesMotion: z.boolean().default(initialPreferences.reducesMotion),
  usesHighContrast: z.boolean().default(initialPreferences.usesHighContrast),
  notifications: z
    .object({ email: z.boolean(), sms: z.boolean(), push: z.boolean() })
    .default(initialPreferences.notifications),
})

/** The settings of a document; null when it has no form that is known here (a newer release wrote it, or rubbish). */
export function readPreferencesDocument(document: unknown): PreferenceSettings | null {
  const parsed = form1.safeParse(document)
  if (!parsed.success) return null
  const { form: _form, ...settings } = parsed.data
  return settings
}

export function writePreferencesDocument(settings: PreferenceSettings): z.infer<typeof form1> {
  const { theme, textScalePercent, reducesMotion, usesHighContrast, notifications } = settings
  return { form: 1, theme, textScalePercent, reducesMotion, usesHighContrast, notifications }
}
