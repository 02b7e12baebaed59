/** The terms a verification is decided under. Copied into a session when it starts, where it matters to one under way. */
export interface VerificationPolicy {
  /** How often strangers may be accepted; the threshold follows from it. NIST SP 800-63B asks at most 0.0001. */
  readonly falseMatchRate: number
  /** 0 to 100; poorer samples are neither enrolled nor compared. */
  readonly minimumQuality: number
  /** Frames a session compares before it fails. */
  readonly maximumFrames: number
  /** How long a session waits to be decided. */
  readonly sessionLifeMs: number
  /** A frame still undecided after so long belongs to a process that died: the next one may be taken. */
  readonly frameLeaseMs: number
  readonly failures: FailureLimit
  /** Active records a user may have at once. */
  readonly maximumRecords: number
}

/**
 * What follows failures (NIST SP 800-63B-4, section 3.2.3: after 5 in a row a delay of at least 30 s that grows, at 50 a stop).
 * A frame counts before it is compared, so that neither giving up nor many sessions at once gives free guesses. It counts for
 * its record and for the device it comes from, where a match takes the count back to nothing. Its session counts in the
 * user's total besides, where a match takes back its own session alone and nothing but time the others.
 */
export interface FailureLimit {
  /** Comparisons in a row, before each next one waits. */
  readonly comparisons: number
  /** The first wait; each further one is twice as long. */
  readonly delayMs: number
  readonly longestDelayMs: number
  /** Comparisons in a row after which waiting no longer helps: an operator, or a sign-in by two factors, begins the count anew. */
  readonly stopAt: number
  readonly total: {
    /** Against all records of a user together, before the next one waits until one is forgotten. */
    readonly sessions: number
    /** How long it takes to forget one; several are forgotten one after the other. */
    readonly forgetMs: number
  }
}

/** When the next verification may begin, given when all failures will be forgotten; in the past when it may begin now. */
export function totalAllowsFrom(forgottenAt: Date, { total }: FailureLimit): Date {
  return new Date(forgottenAt.getTime() - (total.sessions - 1) * total.forgetMs)
}

export const defaultPolicy: VerificationPolicy = {
  falseMatchRate: 1e-4,
  minimumQuality: 40,
  maximumFrames: 3,
  sessionLifeMs: 120_000,
  frameLeaseMs: 10_000, // a comparison takes milliseconds, the four commits around it at most seconds
  failures: {
    ...{ comparisons: 5, delayMs: 30_000, longestDelayMs: 3_600_000, stopAt: 50 },
    total: { sessions: 10, forgetMs: 300_000 },
  },
  maximumRecords: 10,
}
