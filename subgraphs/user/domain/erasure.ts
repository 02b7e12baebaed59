/**
 * An erasure, as a saga over all services. In: what has been answered. Out: what comes next. Services that hold nothing a
 * sign-in needs are asked first and together, auth last: until everything else is gone its owner can be told from others.
 */
export type ErasureState = 'SCHEDULED' | 'ERASING' | 'COMPLETED' | 'CANCELLED'

export interface Acknowledgement {
  readonly service: string
  readonly acknowledgedAt: Date
}

export interface Erasure {
  readonly id: string
  readonly state: ErasureState
  readonly requestedAt: Date
  /** When it begins; until then it can be cancelled. */
  readonly dueAt: Date
  readonly endedAt: Date | null
  readonly acknowledgements: readonly Acknowledgement[]
}

const rounds: readonly (readonly string[])[] = [['biometric', 'content', 'ai', 'user'], ['auth']]

/** Everybody who has to answer, in the order they are asked. */
export const erasingServices: readonly string[] = rounds.flat()

/** Who is to be asked now: those of the first round that is not answered in full. Empty when everybody has answered. */
export function unansweredOf({ acknowledgements }: Pick<Erasure, 'acknowledgements'>): readonly string[] {
  const answered = new Set(acknowledgements.map(({ service }) => service))
  const open = rounds.map((round) => round.filter((service) => !answered.has(service)))
  return open.find((round) => round.length > 0) ?? []
}

/** 0 to 100; 100 is the end alone. */
export function percentOf({ state, acknowledgements }: Pick<Erasure, 'state' | 'acknowledgements'>): number {
  if (state === 'COMPLETED' || state === 'CANCELLED') return 100
  if (state === 'SCHEDULED') return 0
  return 5 + Math.floor((90 * Math.min(acknowledgements.length, erasingServices.length)) / erasingServices.length)
}

/** What is happening, for a person. */
export function messageOf({ state, acknowledgements }: Pick<Erasure, 'state' | 'acknowledgements'>): string {
  const messages: Readonly<Record<ErasureState, string>> = {
    SCHEDULED: 'The erasure is noted and begins when its time has come.',
    ERASING: `${acknowledgements.length} of ${erasingServices.length} parts of the system have erased everything.`,
    COMPLETED: 'Everything was erased.',
    CANCELLED: 'The erasure was cancelled. Nothing was erased.',
  }
  return messages[state]
}
