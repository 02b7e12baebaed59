import { ConsentsDocument, GiveConsentDocument, type ConsentKind } from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { eventually } from './eventually.js'

/** Agrees to a document as it is now, and waits until the service that needs it knows. */
export async function agreeTo(
  client: GraphqlClient,
  kind: ConsentKind,
  isKnown: () => Promise<boolean | null | undefined>,
): Promise<void> {
  const { consents } = await client.request(ConsentsDocument, {})
  const version = consents?.find((consent) => consent.kind === kind)?.currentVersion ?? ''
  await client.request(GiveConsentDocument, { kind, version })
  await eventually(isKnown, (known) => known === true)
}
