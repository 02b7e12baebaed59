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
}

/**
 * What follows consecutive failures (NIST SP 800-63B: a delay of at least 30 s after 5). A session counts from its first
 * frame on, before anything is compared, so that neither giving up nor many sessions at once gives free guesses; a match
 * takes the count back to nothing.
 */
export interface FailureLimit {
  readonly sessions: number
  readonly delayMs: number
}

export const defaultPolicy: VerificationPolicy = {
  falseMatchRate: 1e-4,
  minimumQuality: 40,
  maximumFrames: 3,
  sessionLifeMs: 120_000,
  frameLeaseMs: 10_000, // a comparison takes milliseconds, the four commits around it at most seconds
  failures: { sessions: 5, delayMs: 30_000 },
}
