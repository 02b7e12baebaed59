import { AppError } from '../../../platform/errors/app-error.js'

export type ContentType = 'ARTICLE' | 'PAGE' | 'POST' | 'PRODUCT'
export type ContentStatus = 'DRAFT' | 'REVIEW' | 'PUBLISHED' | 'ARCHIVED'

/** A piece of writing. A deleted one is never handed out: to everybody it is as if it had never been. */
export interface Content {
  readonly id: string
  readonly authorId: string
  readonly title: string
  readonly body: string
  readonly type: ContentType
  readonly status: ContentStatus
  readonly tags: readonly string[]
  /** Raised by every change. */
  readonly version: number
  /** Set while, and only while, it is published. */
  readonly publishedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Somebody who is signed in, as far as content is concerned. */
export interface Viewer {
  readonly userId: string
  /** Holds `content:publish`: may publish and take back what others wrote. */
  readonly publishesAnything: boolean
}

/**
 * Whether somebody may see a piece. Everybody sees what is published, an author what they wrote; who may publish anything
 * sees anything, because nobody should have to publish unread.
 */
export function maySee(content: Content, viewer: Viewer | null): boolean {
  if (content.status === 'PUBLISHED') return true
  return viewer !== null && (content.authorId === viewer.userId || viewer.publishesAnything)
}

/** The piece, for its author. Throws RES_NOT_FOUND where the viewer may not even know of it, AUTHZ_RESOURCE_OWNERSHIP else. */
export function asAuthor(content: Content | null, viewer: Viewer): Content {
  const seen = asReader(content, viewer)
  if (seen.authorId === viewer.userId) return seen
  throw new AppError('AUTHZ_RESOURCE_OWNERSHIP')
}

/** The piece, for its author or somebody who may publish anything. Throws as `asAuthor` does. */
export function asPublisher(content: Content | null, viewer: Viewer): Content {
  return viewer.publishesAnything ? asReader(content, viewer) : asAuthor(content, viewer)
}

function asReader(content: Content | null, viewer: Viewer): Content {
  if (content === null || !maySee(content, viewer)) throw new AppError('RES_NOT_FOUND')
  return content
}
