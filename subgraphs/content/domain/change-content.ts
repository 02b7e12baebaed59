/**
 * What can become of a piece of content. In: the piece as it is (null when there is none) and who wants the change. Out:
 * the piece as it will be and what readers will notice of it. It refuses what the viewer may not touch, a change based on
 * an older version, and a step the workflow does not have. Nothing here reads or stores; see `ContentEditor`.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import { asAuthor, asPublisher, type Content, type ContentStatus, type Viewer } from './content.js'

/** What readers notice, told to other services. */
export type ContentNews = 'published' | 'unpublished' | null

export interface ContentChange {
  readonly content: Content
  readonly deleted: boolean
  readonly news: ContentNews
}

export interface ContentEdit {
  /** The version the edit is based on. */
  readonly version: number
  readonly title?: string | undefined
  readonly body?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** Its author puts other words in. */
export function edit(current: Content | null, viewer: Viewer, wanted: ContentEdit, now: Date): ContentChange {
  const content = asAuthor(current, viewer)
  if (content.version !== wanted.version) {
    throw new AppError('RES_CONFLICT', {
      details: [{ field: 'input.version', reason: `the current version is ${content.version}` }],
    })
  }
  const { title = content.title, body = content.body, tags = content.tags } = wanted
  return changed({ ...content, title, body, tags }, now)
}

/** Everybody may read it from now on. */
export function publish(current: Content | null, viewer: Viewer, now: Date): ContentChange {
  const content = asPublisher(current, viewer)
  refuseUnless('publishContent', content.status)
  return { ...changed({ ...content, status: 'PUBLISHED', publishedAt: now }, now), news: 'published' }
}

/** It is a draft again. */
export function unpublish(current: Content | null, viewer: Viewer, now: Date): ContentChange {
  const content = asPublisher(current, viewer)
  refuseUnless('unpublishContent', content.status)
  return { ...changed({ ...content, status: 'DRAFT', publishedAt: null }, now), news: 'unpublished' }
}

/** It is gone for everybody, its author too. */
export function remove(current: Content | null, viewer: Viewer, now: Date): ContentChange {
  const content = asAuthor(current, viewer)
  return { ...changed(content, now), deleted: true, news: content.status === 'PUBLISHED' ? 'unpublished' : null }
}

function changed(content: Content, now: Date): ContentChange {
  return { content: { ...content, version: content.version + 1, updatedAt: now }, deleted: false, news: null }
}

type Step = 'publishContent' | 'unpublishContent'

/** From where each step of the workflow may be taken. */
const steps: Readonly<Record<Step, readonly ContentStatus[]>> = {
  publishContent: ['DRAFT', 'REVIEW'],
  unpublishContent: ['PUBLISHED'],
}

function refuseUnless(step: Step, status: ContentStatus): void {
  if (steps[step].includes(status)) return
  const allowed = Object.entries(steps).flatMap(([name, from]) => (from.includes(status) ? [name] : []))
  throw new AppError('RES_CONFLICT', {
    message: `Content that is ${status} can't go through ${step}.`,
    details: [{ field: 'status', reason: `is ${status}; allowed from there: ${allowed.join(', ') || 'nothing'}` }],
  })
}
