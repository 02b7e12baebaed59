import { maySee, type Content, type ContentStatus, type ContentType, type Viewer } from './content.js'

export interface ContentFilter {
  /** Web search syntax. */
  readonly search?: string | undefined
  readonly authorId?: string | undefined
  readonly type?: ContentType | undefined
  readonly status?: ContentStatus | undefined
  /** All of them. */
  readonly tags?: readonly string[] | undefined
}

/** Where a page ends: the sort key of its last piece. `rank` counts only in a list that is searched. */
export interface ContentPosition {
  readonly rank: number | null
  readonly createdAt: Date
  readonly id: string
}

export interface ContentListing {
  /** Sees what is published and what they wrote; null sees what is published. */
  readonly readerId: string | null
  readonly filter: ContentFilter
  readonly after: ContentPosition | null
  readonly limit: number
}

export interface ListedContent {
  readonly content: Content
  /** How well it fits the search; null where nothing is searched for. */
  readonly rank: number | null
}

/** Where content is read from. */
export interface ContentSource {
  /** Those that exist, in any order. */
  findByIds(ids: readonly string[]): Promise<readonly Content[]>
  /** Newest first; the best match first when searching. */
  list(listing: ContentListing): Promise<readonly ListedContent[]>
}

/** What one reader may read. */
export interface ContentLibrary {
  /** One answer an id, in their order; null for what does not exist and for what the reader may not see. */
  readMany(ids: readonly string[]): Promise<readonly (Content | null)[]>
  list(listing: Omit<ContentListing, 'readerId'>): Promise<readonly ListedContent[]>
}

export function createContentLibrary(source: ContentSource, viewer: Viewer | null): ContentLibrary {
  return {
    async readMany(ids) {
      const found = new Map((await source.findByIds(ids)).map((content) => [content.id, content]))
      return ids.map((id) => {
        const content = found.get(id)
        return content !== undefined && maySee(content, viewer) ? content : null
      })
    },
    list: (listing) => source.list({ ...listing, readerId: viewer?.userId ?? null }),
  }
}
