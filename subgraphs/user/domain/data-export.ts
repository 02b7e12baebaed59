/** A copy of a person's data, gathered from all services. In: who has answered. Out: how far it is, in figures and words. */
export const exportingServices = ['auth', 'user', 'biometric', 'content', 'ai'] as const

export type DataExportState = 'GATHERING' | 'READY' | 'FAILED' | 'EXPIRED'

export interface DataExport {
  readonly id: string
  readonly userId: string
  readonly state: DataExportState
  readonly requestedAt: Date
  readonly endedAt: Date | null
  /** When the archive is destroyed; null where there is none. */
  readonly expiresAt: Date | null
  /** Of the archive; null where there is none. */
  readonly bytes: number | null
  /** Services whose answers are whole. */
  readonly answered: number
}

type Standing = Pick<DataExport, 'state' | 'answered'>

/** 0 to 100; 100 is the end alone. */
export function percentOf({ state, answered }: Standing): number {
  return state === 'GATHERING' ? 5 + Math.floor((90 * answered) / exportingServices.length) : 100
}

/** What is happening, for a person. */
export function messageOf({ state, answered }: Standing): string {
  const messages: Readonly<Record<DataExportState, string>> = {
    GATHERING: `${answered} of ${exportingServices.length} parts of the system have given what they have.`,
    READY: 'The archive can be downloaded.',
    FAILED: 'The export could not be completed. Ask for another.',
    EXPIRED: 'The time to download the archive is over. Ask for another.',
  }
  return messages[state]
}
