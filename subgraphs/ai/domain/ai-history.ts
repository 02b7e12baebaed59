import type { AiRequest } from './ai-request.js'

/** Where a page ends: the sort key of its last request. */
export interface AiHistoryPosition {
  readonly createdAt: Date
  readonly id: string
}

/** Requests, seen by those who asked. Somebody else's is like one that does not exist. */
export interface AiHistory {
  /** One answer an id, in their order. */
  findOwn(userId: string, ids: readonly string[]): Promise<readonly (AiRequest | null)[]>
  /** Newest first. */
  listOwn(userId: string, after: AiHistoryPosition | null, limit: number): Promise<readonly AiRequest[]>
}
