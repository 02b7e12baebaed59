/** What other services told about a person. */
export interface Activity {
  readonly userId: string
  readonly lastVerifiedAt: Date | null
  readonly completedAiRequestCount: number
}

export interface PublishedContentCount {
  readonly userId: string
  readonly count: number
}

/** Reads a batch at a time; rows come in any order, and people without any are left out. */
export interface Activities {
  findMany(userIds: readonly string[]): Promise<readonly Activity[]>
  countPublishedContent(userIds: readonly string[]): Promise<readonly PublishedContentCount[]>
}
