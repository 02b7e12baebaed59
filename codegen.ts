import type { CodegenConfig } from '@graphql-codegen/cli'

const subgraphs = ['auth', 'user', 'biometric', 'content', 'ai']

const shared = {
  enumsAsTypes: true,
  useTypeImports: true,
  immutableTypes: true,
  avoidOptionals: { field: true, inputValue: false },
  strictScalars: true,
  emitLegacyCommonJSImports: false,
}

/**
 * Resolver types a subgraph, from its own SDL: a resolver that does not fit its schema does not compile. `context.ts` of a
 * subgraph names its context, `resolvers/models.ts` what its resolvers pass on for an SDL type.
 */
function resolverTypes(name: string): CodegenConfig['generates'] {
  const context = `${name.charAt(0).toUpperCase()}${name.slice(1)}Context`
  return {
    [`subgraphs/${name}/generated/resolvers.ts`]: {
      schema: `schema/${name}/*.graphql`,
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        ...shared,
        federation: true,
        useIndexSignature: true,
        contextType: `../context.js#${context}`,
        scalars: { DateTime: 'Date', ID: 'string', _FieldSet: 'string' },
        mappers: mappers[name],
      },
    },
  }
}

/** For an SDL type, the value its parent's resolver hands on (`../resolvers/models.js#Name as Alias`). */
const mappers: Record<string, Record<string, string>> = {
  auth: {
    User: '../resolvers/models.js#UserModel',
    Session: '../resolvers/models.js#SessionModel',
    AuthPayload: '../resolvers/models.js#AuthPayloadModel',
    LoginResult: '../resolvers/models.js#LoginResultModel',
    MfaChallenge: '../resolvers/models.js#MfaChallengeModel',
    Passkey: '../resolvers/models.js#PasskeyModel',
    AuditEntry: '../resolvers/models.js#AuditEntryModel',
    Login: '../resolvers/models.js#LoginModel',
    LoginConnection: '../resolvers/models.js#LoginConnectionModel',
    AuditLogConnection: '../resolvers/models.js#AuditLogConnectionModel',
    LinkedProvider: '../resolvers/models.js#LinkedProviderModel',
    ServiceClient: '../resolvers/models.js#ServiceClientModel',
    ServiceClientConnection: '../resolvers/models.js#ServiceClientConnectionModel',
  },
  user: {
    User: '../resolvers/models.js#UserModel',
    UserProfile: '../resolvers/models.js#UserProfileModel',
    Contact: '../resolvers/models.js#ContactModel',
    BlockedUser: '../resolvers/models.js#BlockedUserModel',
    Erasure: '../resolvers/models.js#ErasureModel',
    DataExport: '../resolvers/models.js#DataExportModel',
    Consent: '../resolvers/models.js#ConsentModel',
  },
  biometric: {
    User: '../resolvers/models.js#UserModel',
    BiometricRecord: '../resolvers/models.js#BiometricRecordModel',
    VerificationSession: '../resolvers/models.js#VerificationSessionModel',
    VerificationPolicy: '../resolvers/models.js#VerificationPolicyModel',
    VerificationResult: '../resolvers/models.js#VerificationResultModel',
    Calibration: '../resolvers/models.js#CalibrationModel',
    Gallery: '../resolvers/models.js#GalleryModel',
    IdentificationCandidate: '../resolvers/models.js#IdentificationCandidateModel',
    Identification: '../resolvers/models.js#IdentificationModel',
  },
  content: { User: '../resolvers/models.js#UserModel', Content: '../resolvers/models.js#ContentModel' },
  ai: { User: '../resolvers/models.js#UserModel', AiRequest: '../resolvers/models.js#AiRequestModel' },
}

const config: CodegenConfig = {
  silent: true,
  generates: {
    ...Object.assign({}, ...subgraphs.map(resolverTypes)),
    // What a frontend uses: a typed document for every operation under clients/operations.
    'clients/generated/documents.ts': {
      schema: 'schema/api.graphql',
      documents: 'clients/operations/*.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { ...shared, scalars: { DateTime: 'string', ID: 'string' } },
    },
  },
}

export default config
