/** Where an attempt comes from, as far as limits of guessing have to know. */
export interface Origin {
  /** The capture device that vouches for the sample, else the sign-in it is sent with; a UUID. */
  readonly deviceId: string
  /** When its sender last signed in by two factors (`acr` aal2, `auth_time`); null where they did not. */
  readonly twoFactorsAt: Date | null
}

/** Whom a failure counts for. */
export interface AttemptSubject extends Origin {
  readonly userId: string
  readonly recordId: string
}
