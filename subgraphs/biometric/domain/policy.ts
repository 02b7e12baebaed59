/**
 * The terms verifications are decided under. A policy is data: it has a name and versions, and a version never changes, so
 * that a session which keeps its policy's id can be explained for ever. The house's own terms come from the configuration:
 * they are the default policy of every modality, and what ordinary callers can't go below.
 */
import type { BiometricType } from './biometric-record.js'

/** What a capture device has to show of the sample being taken from somebody alive, weakest first. */
export const livenessRequirements = ['NONE', 'DEVICE_SIGNED'] as const
export type LivenessRequirement = (typeof livenessRequirements)[number]

export interface PolicyTerms {
  /** How often strangers may be accepted; the threshold follows from it. NIST SP 800-63B asks at most 0.0001. */
  readonly falseMatchRate: number
  /** 0 to 100; poorer samples are neither enrolled nor compared. */
  readonly minimumQuality: number
  readonly liveness: LivenessRequirement
  /** Attempts a session has before it fails: the best of so many frames counts. */
  readonly maximumFrames: number
  /** How long a session waits to be decided. */
  readonly sessionLifeMs: number
  /** Whether an enrolment looks for the same person under another account. */
  readonly checksDuplicates: boolean
}

/** One version of a policy. */
export interface Policy extends PolicyTerms {
  readonly id: string
  readonly name: string
  /** 1, 2, 3 ... within the name. */
  readonly version: number
  readonly modality: BiometricType
  readonly createdAt: Date
  /** From then on no session begins under it. */
  readonly retiredAt: Date | null
}

/** The configured terms, and the limits of this service that no policy changes. */
export interface VerificationPolicy extends PolicyTerms {
  /** A frame still undecided after so long belongs to a process that died: the next one may be taken. */
  readonly frameLeaseMs: number
  readonly failures: FailureLimit
  /** Active records a user may have at once. */
  readonly maximumRecords: number
  /** How long a record is compared with after its enrolment or renewal: faces and voices change. */
  readonly recordLifeMs: number
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

/** The terms alone, of whatever has them. */
export function termsOf({
  falseMatchRate,
  minimumQuality,
  liveness,
  maximumFrames,
  sessionLifeMs,
  checksDuplicates,
}: PolicyTerms): PolicyTerms {
  return { falseMatchRate, minimumQuality, liveness, maximumFrames, sessionLifeMs, checksDuplicates }
}

/** In what these terms ask less than the floor, in words; nothing where they ask as much or more. */
export function weakerThan(terms: PolicyTerms, floor: PolicyTerms): readonly string[] {
  const rank = (requirement: LivenessRequirement) => livenessRequirements.indexOf(requirement)
  return [
    ...(terms.falseMatchRate > floor.falseMatchRate ? ['its false match rate is higher'] : []),
    ...(terms.minimumQuality < floor.minimumQuality ? ['its minimum quality is lower'] : []),
    ...(terms.maximumFrames > floor.maximumFrames ? ['it gives more attempts'] : []),
    ...(rank(terms.liveness) < rank(floor.liveness) ? ['it asks less of the capture device'] : []),
  ]
}

/** The name of a modality's default policy. */
export function defaultPolicyName(modality: BiometricType): string {
  return modality.toLowerCase()
}

export const defaultPolicy: VerificationPolicy = {
  falseMatchRate: 1e-4,
  minimumQuality: 40,
  liveness: 'NONE',
  maximumFrames: 3,
  sessionLifeMs: 120_000,
  checksDuplicates: false,
  frameLeaseMs: 10_000, // a comparison takes milliseconds, the four commits around it at most seconds
  failures: {
    ...{ comparisons: 5, delayMs: 30_000, longestDelayMs: 3_600_000, stopAt: 50 },
    total: { sessions: 10, forgetMs: 300_000 },
  },
  maximumRecords: 10,
  recordLifeMs: 3_650 * 86_400_000, // ten years, as long as states let a portrait in a passport stand (ICAO 9303)
}
