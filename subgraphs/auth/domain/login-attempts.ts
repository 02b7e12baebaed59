/** Failed sign-ins, counted by address whether or not it has an account. */
export interface LoginAttempts {
  /**
   * Takes one try, before anything is compared, so that tries in parallel can't all slip through. False when the address is
   * locked: the answer then has to be that of a wrong password, at the same cost.
   */
  claim(signInKey: string): Promise<boolean>
  /** The sign-in succeeded: earlier failures are forgotten. */
  clear(signInKey: string): Promise<void>
}
