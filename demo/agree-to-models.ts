import { AiConsentDocument } from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { agreeTo } from './agree-to.js'

/** Agrees to have models asked, and waits until ai knows. */
export function agreeToModels(client: GraphqlClient): Promise<void> {
  return agreeTo(client, 'AI', async () => (await client.request(AiConsentDocument, {})).aiConsent)
}
