import { AppError } from '../../../platform/errors/app-error.js'

export const consentKinds = ['BIOMETRIC', 'AI', 'ANALYTICS', 'MARKETING'] as const
export type ConsentKind = (typeof consentKinds)[number]

/** What a person agrees to. */
export interface ConsentDocument {
  readonly kind: ConsentKind
  readonly version: string
  /** Where it can be read; null where nobody says. */
  readonly url: string | null
}

export interface ConsentChange {
  readonly kind: ConsentKind
  /** Of the document that was agreed to; of a withdrawal, the one that was withdrawn. */
  readonly version: string
  readonly given: boolean
  readonly at: Date
}

/** What holds of one kind. */
export interface Consent {
  readonly document: ConsentDocument
  /** Newest first. */
  readonly history: readonly ConsentChange[]
}

export interface ConsentStore {
  /** Every change of a person, newest first. */
  history(userId: string): Promise<readonly ConsentChange[]>
  /**
   * Adds what `decide` makes of the newest change of the kind and tells `consent.changed`, all or nothing; nothing where it
   * makes null. Changes of one person come one after the other, each with a later time.
   */
  change(
    userId: string,
    kind: ConsentKind,
    at: Date,
    decide: (newest: ConsentChange | null) => Omit<ConsentChange, 'kind' | 'at'> | null,
  ): Promise<void>
}

export interface ConsentsDependencies {
  readonly store: ConsentStore
  readonly documents: readonly ConsentDocument[]
  readonly now: () => Date
}

/** What a person agrees to, kind by kind, with every version they ever agreed to. */
export function createConsents({ store, documents, now }: ConsentsDependencies) {
  const documentOf = (kind: ConsentKind): ConsentDocument => {
    const document = documents.find((candidate) => candidate.kind === kind)
    if (document === undefined)
      throw new AppError('RES_NOT_FOUND', { message: 'Nobody is asked for this consent here.' })
    return document
  }
  const read = async (userId: string, kind: ConsentKind): Promise<Consent> => {
    const history = (await store.history(userId)).filter((change) => change.kind === kind)
    return { document: documentOf(kind), history }
  }
  return {
    /** All kinds there are, agreed to or not. */
    async list(userId: string): Promise<readonly Consent[]> {
      const history = await store.history(userId)
      return documents.map((document) => ({ document, history: history.filter(({ kind }) => kind === document.kind) }))
    },
    /** Agrees to a document. Throws RES_CONFLICT for a version that is not the present one: nobody agrees unread. */
    async give(userId: string, kind: ConsentKind, version: string): Promise<Consent> {
      const current = documentOf(kind).version
      if (version !== current) {
        throw new AppError('RES_CONFLICT', {
          message: `The document has version ${current} now: show that one, then send its version.`,
        })
      }
      await store.change(userId, kind, now(), (newest) =>
        newest?.given === true && newest.version === version ? null : { version, given: true },
      )
      return read(userId, kind)
    },
    /** Withdraws it, as easily as it was given (GDPR article 7 (3)); no matter if it had not been. */
    async withdraw(userId: string, kind: ConsentKind): Promise<Consent> {
      documentOf(kind)
      await store.change(userId, kind, now(), (newest) =>
        newest?.given === true ? { version: newest.version, given: false } : null,
      )
      return read(userId, kind)
    },
  }
}

export type Consents = ReturnType<typeof createConsents>
