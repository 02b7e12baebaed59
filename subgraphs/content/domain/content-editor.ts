import { edit, publish, remove, unpublish, type ContentChange, type ContentEdit } from './change-content.js'
import type { Content, ContentType, Viewer } from './content.js'

/** Where changes go. */
export interface ContentStore {
  insert(content: Content): Promise<void>
  /**
   * Lets `decide` say what becomes of the piece of this id, and stores that with its news in one transaction. No other
   * change to the piece happens in between. Throws what `decide` throws, and then changes nothing.
   */
  change(id: string, actorId: string, decide: (current: Content | null) => ContentChange): Promise<Content>
}

export interface NewContent {
  readonly title: string
  readonly body: string
  readonly type: ContentType
  readonly tags: readonly string[]
}

/** What a signed-in person can do to content; every refusal is an AppError. */
export interface ContentEditor {
  create(viewer: Viewer, wanted: NewContent): Promise<Content>
  edit(viewer: Viewer, id: string, wanted: ContentEdit): Promise<Content>
  publish(viewer: Viewer, id: string): Promise<Content>
  unpublish(viewer: Viewer, id: string): Promise<Content>
  delete(viewer: Viewer, id: string): Promise<Content>
}

export interface ContentEditorParts {
  readonly store: ContentStore
  readonly now: () => Date
  readonly newId: () => string
}

export function createContentEditor({ store, now, newId }: ContentEditorParts): ContentEditor {
  return {
    async create(viewer, wanted) {
      const createdAt = now()
      const content: Content = {
        ...wanted,
        id: newId(),
        authorId: viewer.userId,
        status: 'DRAFT',
        version: 1,
        publishedAt: null,
        createdAt,
        updatedAt: createdAt,
      }
      await store.insert(content)
      return content
    },
    edit: (viewer, id, wanted) => store.change(id, viewer.userId, (current) => edit(current, viewer, wanted, now())),
    publish: (viewer, id) => store.change(id, viewer.userId, (current) => publish(current, viewer, now())),
    unpublish: (viewer, id) => store.change(id, viewer.userId, (current) => unpublish(current, viewer, now())),
    delete: (viewer, id) => store.change(id, viewer.userId, (current) => remove(current, viewer, now())),
  }
}
