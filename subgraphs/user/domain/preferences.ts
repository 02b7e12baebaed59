import { AppError } from '../../../platform/errors/app-error.js'

/** How a person wants to be served. */
export interface PreferenceSettings {
  readonly theme: 'SYSTEM' | 'LIGHT' | 'DARK'
  readonly textScalePercent: number
  readonly reducesMotion: boolean
  readonly usesHighContrast: boolean
  /** By which ways news may be sent; security notices are sent regardless. */
  readonly notifications: { readonly email: boolean; readonly sms: boolean; readonly push: boolean }
}

export interface Preferences extends PreferenceSettings {
  /** Raised by every change; 0 while nothing was chosen. */
  readonly version: number
}

export interface PreferenceChanges extends Partial<{
  readonly [Key in keyof Omit<PreferenceSettings, 'notifications'>]: PreferenceSettings[Key] | undefined
}> {
  readonly notifications?:
    { readonly [Way in keyof PreferenceSettings['notifications']]?: boolean | undefined } | undefined
}

/** What holds until somebody chooses. */
export const initialPreferences: PreferenceSettings = {
  theme: 'SYSTEM',
  textScalePercent: 100,
  reducesMotion: false,
  usesHighContrast: false,
  notifications: { email: true, sms: false, push: true },
}

export interface PreferencesStore {
  /** What the person has chosen; what holds until somebody chooses where they have not. */
  find(userId: string): Promise<Preferences>
  /** Applies `change` to what the person has, with no other change of theirs in between. What `change` throws is thrown on. */
  change(userId: string, change: (now: Preferences) => PreferenceSettings): Promise<Preferences>
}

/** Changes what is given and keeps the rest. Throws RES_CONFLICT where `version` is given and no longer the person's. */
export function changePreferences(
  store: PreferencesStore,
  userId: string,
  { notifications, ...changes }: PreferenceChanges,
  version?: number,
): Promise<Preferences> {
  return store.change(userId, (now) => {
    if (version !== undefined && version !== now.version) throw new AppError('RES_CONFLICT')
    const { theme, textScalePercent, reducesMotion, usesHighContrast } = changes
    return {
      theme: theme ?? now.theme,
      textScalePercent: textScalePercent ?? now.textScalePercent,
      reducesMotion: reducesMotion ?? now.reducesMotion,
      usesHighContrast: usesHighContrast ?? now.usesHighContrast,
      notifications: {
        email: notifications?.email ?? now.notifications.email,
        sms: notifications?.sms ?? now.notifications.sms,
        push: notifications?.push ?? now.notifications.push,
      },
    }
  })
}
