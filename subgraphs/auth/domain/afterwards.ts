/** Work whose time would tell strangers something: it begins when the answer has left. What waits when the process is killed is lost: nothing that was acknowledged may hang on it. */
export interface Afterwards {
  /** False, and nothing is done, where too much waits. Failures are logged under `what`. */
  run(what: string, work: () => Promise<unknown>): boolean
  /** Resolves when all that was given is done. */
  close(): Promise<void>
}
