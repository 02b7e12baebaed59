import { BiometricConsentDocument } from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { agreeTo } from './agree-to.js'

/** Agrees to be measured, and waits until biometric knows. */
export function agreeToBiometrics(client: GraphqlClient): Promise<void> {
  return agreeTo(client, 'BIOMETRIC', async () => (await client.request(BiometricConsentDocument, {})).biometricConsent)
}
