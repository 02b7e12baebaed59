/** What can be done with a place among those whose passwords are hashed. Resolves when a core is free for it. */
export interface PasswordHashing {
  /** A PHC string: algorithm, parameters, salt and hash. */
  hash(password: string): Promise<string>
  /** Compares with `stored`, or with nobody's hash when it is null: the same work, and false. */
  verify(stored: string | null, password: string): Promise<boolean>
  /** Whether `stored` was made with other parameters than are used now. */
  isOutdated(stored: string): boolean
}

/** Slow on purpose, therefore bounded: an unbounded queue of hashes is a denial of service. */
export interface PasswordHasher {
  /**
   * Runs `work` with a place for it. Throws RATE_LIMIT_EXCEEDED with the seconds to wait, before `work` has begun, when all
   * places are taken: what `work` counts is then not counted.
   */
  admit<T>(work: (hashing: PasswordHashing) => Promise<T>): Promise<T>
}
