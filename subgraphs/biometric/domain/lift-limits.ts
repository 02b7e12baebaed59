export interface LiftableLimits {
  /** Begins a person's counts of failures anew and tells the audit log who did so; false, telling nothing, where there were none. */
  lift(userId: string, administratorId: string, now: Date): Promise<boolean>
}

interface LiftParts {
  readonly limits: LiftableLimits
  readonly now: () => Date
}

/** Lets somebody be verified again who has failed until the stop. Lifting again changes nothing. */
export function createLiftLimits({ limits, now }: LiftParts) {
  return (userId: string, administratorId: string): Promise<boolean> => limits.lift(userId, administratorId, now())
}
