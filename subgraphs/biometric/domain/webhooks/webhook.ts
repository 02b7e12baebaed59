/** Where ends of verifications are told to. The secret its callbacks are signed with is kept apart. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly createdAt: Date
  /** Since when no callback has been taken; null while they are. */
  readonly failingSince: Date | null
  readonly disabledAt: Date | null
}

/** A callback on its way. */
export interface Delivery {
  /** The same in every try: by it a receiver knows what it has had before. */
  readonly id: string
  readonly webhook: Webhook
  readonly body: string
  /** Tries begun, this one counted. */
  readonly attempts: number
  readonly createdAt: Date
  /** Those that are good now, the newest first. */
  readonly secrets: readonly string[]
}
