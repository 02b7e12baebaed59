import {
  AiRequestDocument,
  AiRequestProgressDocument,
  GenerateWithAiDocument,
  type AiRequestProgressSubscription,
} from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { agreeToModels } from './agree-to-models.js'

/** Agrees to have models asked, asks a question, watches it to its end and reads the answer, or why there is none. */
export async function playAi(client: GraphqlClient) {
  await agreeToModels(client)
  const { generateWithAi: asked } = await client.request(GenerateWithAiDocument, {
    input: { prompt: 'Say in one sentence what an analytical engine is.' },
  })
  const progress: AiRequestProgressSubscription['aiRequestProgress'][] = []
  for await (const event of client.subscribe(AiRequestProgressDocument, { id: asked.id })) {
    progress.push(event.aiRequestProgress)
  }
  const { aiRequest } = await client.request(AiRequestDocument, { id: asked.id })
  return { asked, progress, answered: aiRequest }
}
