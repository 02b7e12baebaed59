/** A person found by name, with how well the name fits: 0 to 1. */
export interface FoundPerson {
  readonly userId: string
  readonly rank: number
}

export interface PeopleSearch {
  /** 2 to 100 characters. */
  readonly text: string
  /** Who searches: never found themselves, nor anybody who blocks them or whom they block. */
  readonly viewerId: string
  /** The last one of the page before. */
  readonly after: FoundPerson | null
  readonly limit: number
}

export type UserSortKey = 'CREATED_AT' | 'UPDATED_AT' | 'NAME'

export interface UserFilter {
  /** Looked for in names, as `PeopleSearch.text`. */
  readonly search?: string | undefined
  /** As auth names them. */
  readonly role?: string | undefined
  readonly verified?: boolean | undefined
  readonly mfaEnabled?: boolean | undefined
  /** Exclusive. */
  readonly createdAfter?: Date | undefined
  /** Exclusive. */
  readonly createdBefore?: Date | undefined
  /** Only those who are deleted, where true; else only those who are not. */
  readonly deleted: boolean
}

/** Where somebody stands in a sorted list: a time in ms since 1970, or a folded name. */
export interface ListedUser {
  readonly userId: string
  readonly key: number | string
}

export interface UserListing {
  readonly filter: UserFilter
  readonly sortBy: UserSortKey
  readonly descending: boolean
  readonly after: ListedUser | null
  readonly limit: number
}

/**
 * Finds people, ids only: how each is shown is not decided here. Lists go on after a row, not after a number of rows: nobody is
 * missed or repeated when others come or go meanwhile.
 */
export interface PeopleDirectory {
  /** Those who let themselves be found and are not deleted, best fit first, then by id. Misspelled names are found too. */
  search(search: PeopleSearch): Promise<readonly FoundPerson[]>
  /** For administrators. */
  list(listing: UserListing): Promise<readonly ListedUser[]>
}
