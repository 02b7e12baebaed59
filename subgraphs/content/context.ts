import DataLoader from 'dataloader'
import { isEntityId } from '../../platform/graphql/entity-id.js'
import { requirePrincipal, type SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { ContentEditor } from './domain/content-editor.js'
import { createContentLibrary, type ContentLibrary, type ContentSource } from './domain/content-library.js'
import type { Content, Viewer } from './domain/content.js'

/** What a content resolver can count on. */
export interface ContentContext extends SubgraphContext {
  readonly editor: ContentEditor
  /** What the one who asks may read. */
  readonly library: ContentLibrary
  /** Any text an id; null for what does not exist and for what the one who asks may not see. */
  readonly contentById: DataLoader<string, Content | null>
}

/** One request's context: loaders made here batch within it and know nobody else's answers. */
export function createContentContext(
  base: SubgraphContext,
  { editor, source }: { readonly editor: ContentEditor; readonly source: ContentSource },
): ContentContext {
  const library = createContentLibrary(source, base.principal === null ? null : requireViewer(base))
  return { ...base, editor, library, contentById: createLoader(library) }
}

/** Whoever is signed in, as content knows them. Throws AUTH_TOKEN_INVALID when nobody is. */
export function requireViewer(context: SubgraphContext): Viewer {
  const { userId, permissions } = requirePrincipal(context)
  return { userId, publishesAnything: permissions.has('content:publish') }
}

function createLoader(library: ContentLibrary): DataLoader<string, Content | null> {
  const byId = new DataLoader<string, Content | null>((ids) => library.readMany(ids))
  return new DataLoader<string, Content | null>(
    (ids) => Promise.all(ids.map((id) => (isEntityId(id) ? byId.load(id) : null))),
    { cache: false },
  )
}
