import { BiometricConsentDocument, ConsentsDocument, GiveConsentDocument } from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { eventually } from './eventually.js'

/** Agrees to be measured, to the document as it is now, and waits until biometric knows. */
export async function agreeToBiometrics(client: GraphqlClient): Promise<void> {
  const { consents } = await client.request(ConsentsDocument, {})
  const version = consents?.find(({ kind }) => kind === 'BIOMETRIC')?.currentVersion ?? ''
  await client.request(GiveConsentDocument, { kind: 'BIOMETRIC', version })
  await eventually(
    () => client.request(BiometricConsentDocument, {}),
    ({ biometricConsent }) => biometricConsent === true,
  )
}
