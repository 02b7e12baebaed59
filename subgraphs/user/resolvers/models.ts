import type { Block, Contact } from '../domain/contacts.js'
import type { Person, ShownProfile } from '../domain/people.js'

export type UserModel = Person

export type UserProfileModel = ShownProfile

/** Somebody on a list, as its owner sees them. */
export interface ContactModel {
  readonly contact: Contact
  readonly person: Person
}

export type BlockedUserModel = Block

export type { Consent as ConsentModel } from '../domain/consents.js'
export type { DataExport as DataExportModel } from '../domain/data-export.js'
export type { Erasure as ErasureModel } from '../domain/erasure.js'
