/**
 * What the browser is asked about passkeys (WebAuthn), between the two steps of the gateway. In: the options of the first
 * step. Out: the input of the second. Whatever the person or the device refuses, throws.
 */
import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialDescriptorJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import type {
  BeginPasskeyRegistrationMutation,
  FinishPasskeyRegistrationInput,
  PasskeyAssertionInput,
  PasskeyRequestFragment,
} from '../generated/documents.js'

type CreationOptions = BeginPasskeyRegistrationMutation['beginPasskeyRegistration']

/** Has the device make a passkey. */
export async function createPasskey(options: CreationOptions, name: string): Promise<FinishPasskeyRegistrationInput> {
  const { id, response } = await startRegistration({ optionsJSON: creationOptions(options) })
  const { clientDataJSON, attestationObject, transports = [] } = response
  return { name, id, clientDataJSON, attestationObject, transports }
}

/** Has a passkey sign; with `autofill` it waits for one to be chosen in the field of the address. */
export async function signByPasskey(options: PasskeyRequestFragment, autofill = false): Promise<PasskeyAssertionInput> {
  const { id, response } = await startAuthentication({
    optionsJSON: requestOptions(options),
    useBrowserAutofill: autofill,
  })
  const { clientDataJSON, authenticatorData, signature, userHandle } = response
  return { id, clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) }
}

/** The schema has WebAuthn's words as plain strings; these are the ones the gateway gives. */
function creationOptions({
  attestation: _none,
  authenticatorSelection,
  ...options
}: CreationOptions): PublicKeyCredentialCreationOptionsJSON {
  return {
    ...options,
    attestation: 'none',
    pubKeyCredParams: options.pubKeyCredParams.map(({ alg }) => ({ type: 'public-key', alg })),
    excludeCredentials: options.excludeCredentials.map(descriptor),
    authenticatorSelection: {
      requireResidentKey: authenticatorSelection.requireResidentKey,
      residentKey: 'required',
      userVerification: 'required',
    },
  }
}

function requestOptions({
  challenge,
  rpId,
  timeout,
  allowCredentials,
}: PasskeyRequestFragment): PublicKeyCredentialRequestOptionsJSON {
  return { challenge, rpId, timeout, userVerification: 'required', allowCredentials: allowCredentials.map(descriptor) }
}

function descriptor({
  id,
  transports,
}: PasskeyRequestFragment['allowCredentials'][number]): PublicKeyCredentialDescriptorJSON {
  return { type: 'public-key', id, transports: [...transports] }
}
