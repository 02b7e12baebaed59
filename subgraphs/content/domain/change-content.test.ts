import { describe, expect, it } from '@jest/globals'
import { edit, publish, remove, unpublish } from './change-content.js'
import type { Content, ContentStatus, Viewer } from './content.js'

const now = new Date('2026-02-01T12:00:00.000Z')
const author: Viewer = { userId: 'a0000000-0000-4000-8000-000000000001', publishesAnything: false }
const stranger: Viewer = { userId: 'b0000000-0000-4000-8000-000000000002', publishesAnything: false }
const publisher: Viewer = { userId: 'c0000000-0000-4000-8000-000000000003', publishesAnything: true }

function piece(status: ContentStatus): Content {
  const earlier = new Date('2026-01-01T00:00:00.000Z')
  return {
    id: 'd0000000-0000-4000-8000-000000000004',
    authorId: author.userId,
    title: 'Engines',
    body: 'They weave.',
    type: 'ARTICLE',
    status,
    tags: [],
    version: 3,
    publishedAt: status === 'PUBLISHED' ? earlier : null,
    createdAt: earlier,
    updatedAt: earlier,
  }
}

describe('the publishing workflow', () => {
  it('makes a draft public, and tells', () => {
    const { content, news } = publish(piece('DRAFT'), author, now)
    expect(content).toMatchObject({ status: 'PUBLISHED', publishedAt: now, updatedAt: now, version: 4 })
    expect(news).toBe('published')
  })

  it('takes published content back into drafts, and tells', () => {
    const { content, news } = unpublish(piece('PUBLISHED'), author, now)
    expect(content).toMatchObject({ status: 'DRAFT', publishedAt: null, version: 4 })
    expect(news).toBe('unpublished')
  })

  it.each([
    ['publishContent', 'PUBLISHED', 'unpublishContent', publish],
    ['unpublishContent', 'DRAFT', 'publishContent', unpublish],
    ['unpublishContent', 'REVIEW', 'publishContent', unpublish],
    ['publishContent', 'ARCHIVED', 'nothing', publish],
  ] as const)('refuses %s from %s and names what is allowed', (_step, status, allowed, step) => {
    expect(() => step(piece(status), author, now)).toThrow(
      expect.objectContaining({
        code: 'RES_CONFLICT',
        details: [{ field: 'status', reason: `is ${status}; allowed from there: ${allowed}` }],
      }),
    )
  })
})

describe('who may change content', () => {
  it.each([
    ['publish', publish],
    ['unpublish', unpublish],
    ['delete', remove],
  ] as const)('%s: a stranger is told that a draft does not exist', (_name, step) => {
    expect(() => step(piece('DRAFT'), stranger, now)).toThrow(expect.objectContaining({ code: 'RES_NOT_FOUND' }))
    expect(() => step(null, stranger, now)).toThrow(expect.objectContaining({ code: 'RES_NOT_FOUND' }))
  })

  it.each([
    ['publish', publish],
    ['unpublish', unpublish],
    ['delete', remove],
  ] as const)('%s: a stranger is told that published content is somebody else’s', (_name, step) => {
    expect(() => step(piece('PUBLISHED'), stranger, now)).toThrow(
      expect.objectContaining({ code: 'AUTHZ_RESOURCE_OWNERSHIP' }),
    )
  })

  it('lets the holder of content:publish publish and take back, but neither edit nor delete', () => {
    expect(publish(piece('DRAFT'), publisher, now).content.status).toBe('PUBLISHED')
    expect(unpublish(piece('PUBLISHED'), publisher, now).content.status).toBe('DRAFT')
    const refused = expect.objectContaining({ code: 'AUTHZ_RESOURCE_OWNERSHIP' })
    expect(() => edit(piece('DRAFT'), publisher, { version: 3, title: 'Mine' }, now)).toThrow(refused)
    expect(() => remove(piece('PUBLISHED'), publisher, now)).toThrow(refused)
  })
})

describe('an edit', () => {
  it('puts in what it names and keeps the rest', () => {
    const { content, news } = edit(piece('PUBLISHED'), author, { version: 3, title: 'Looms' }, now)
    expect(content).toMatchObject({ title: 'Looms', body: 'They weave.', status: 'PUBLISHED', version: 4 })
    expect(news).toBeNull()
  })

  it.each([2, 4])('based on version %i of a piece at version 3 is refused with the current one', (version) => {
    expect(() => edit(piece('DRAFT'), author, { version, title: 'Looms' }, now)).toThrow(
      expect.objectContaining({
        code: 'RES_CONFLICT',
        details: [{ field: 'input.version', reason: 'the current version is 3' }],
      }),
    )
  })
})

describe('a deletion', () => {
  it('of published content tells that it is no longer there', () => {
    expect(remove(piece('PUBLISHED'), author, now)).toMatchObject({ deleted: true, news: 'unpublished' })
  })

  it('of a draft is nobody’s news', () => {
    expect(remove(piece('DRAFT'), author, now)).toMatchObject({ deleted: true, news: null })
  })
})
