/** Who is shown something: anybody who may see the person at all, those on the person's contact list, or nobody. */
export type Audience = 'EVERYONE' | 'CONTACTS' | 'NOBODY'

/** To whom a person shows what. Their name is shown to whoever may see them. */
export interface Privacy {
  /** Bio, picture, time zone and language. */
  readonly showsProfile: Audience
  readonly showsStatus: Audience
  readonly showsPhone: Audience
  readonly showsAge: Audience
  /** Whether others find this person by name. */
  readonly searchable: boolean
}

export type PrivacyChanges = { readonly [Setting in keyof Privacy]?: Privacy[Setting] | undefined }

/** As a person's settings stand until they change them. */
export const initialPrivacy: Privacy = {
  showsProfile: 'EVERYONE',
  showsStatus: 'CONTACTS',
  showsPhone: 'NOBODY',
  showsAge: 'NOBODY',
  searchable: true,
}

/** Whether somebody who is, or is not, on the owner's contact list belongs to the audience. */
export function belongsTo(audience: Audience, isContact: boolean): boolean {
  return audience === 'EVERYONE' || (audience === 'CONTACTS' && isContact)
}
