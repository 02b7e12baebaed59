import {
  ContentsDocument,
  CreateContentDocument,
  MeDocument,
  PublishContentDocument,
} from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { eventually } from './eventually.js'

/** Writes a draft with a word nobody else has, publishes it, finds it by that word and reads its author's name. */
export async function playContent(client: GraphqlClient) {
  const word = `q${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
  const { createContent: draft } = await client.request(CreateContentDocument, {
    input: {
      title: 'Notes on the Analytical Engine',
      body: `It weaves algebraic patterns. ${word}`,
      tags: ['engines'],
    },
  })
  const before = await client.request(ContentsDocument, { filter: { search: word, status: 'PUBLISHED' } })
  const { publishContent: published } = await client.request(PublishContentDocument, { id: draft.id })
  const found = await client.request(ContentsDocument, { first: 5, filter: { search: word } })
  const me = await eventually(
    () => client.request(MeDocument, {}),
    (answer) => answer.me?.publishedContentCount === 1,
  )
  return { draft, before, published, found, me }
}
