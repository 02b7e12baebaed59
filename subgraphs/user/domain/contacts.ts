import { AppError } from '../../../platform/errors/app-error.js'
import type { People, Person } from './people.js'

/**
 * Somebody on a person's contact list. The list is the person's own: the other is not asked and not told, and sees from then on
 * what the person shows to contacts.
 */
export interface Contact {
  readonly contactId: string
  readonly nickname: string | null
  readonly createdAt: Date
}

/** Somebody a person hides from. The other is never told. */
export interface Block {
  readonly blockedId: string
  readonly createdAt: Date
}

/** The last row of the page before; newest first, then by id. */
export interface Position {
  readonly createdAt: Date
  readonly id: string
}

export interface Page {
  readonly after: Position | null
  readonly limit: number
}

/** Lists are the same whoever looks. Every change of one person's lists waits for the one before it. */
export interface ContactStore {
  /** Newest first. Without those who are deleted or have blocked the owner. */
  contacts(ownerId: string, page: Page): Promise<readonly Contact[]>
  blocked(blockerId: string, page: Page): Promise<readonly Block[]>
  /** Puts somebody on the list, or gives who is on it another nickname. Refuses to go beyond `most` and to list whom the owner has blocked. */
  put(ownerId: string, contact: Contact, most: number): Promise<Contact | 'full' | 'blocked'>
  /** Whether there was one to remove. */
  remove(ownerId: string, contactId: string): Promise<boolean>
  /** Blocks, and takes the other from the blocker's contacts; does nothing when it is so already. */
  block(blockerId: string, block: Block, most: number): Promise<'done' | 'full'>
  unblock(blockerId: string, blockedId: string): Promise<boolean>
}

/** A list is for people one knows; what is longer was made by a program. */
const MOST_CONTACTS = 1_000
const MOST_BLOCKS = 1_000

export interface ContactsParts {
  readonly store: ContactStore
  readonly people: People
  readonly now: () => Date
}

/**
 * The contact list and the blocks of one signed-in person. Somebody who blocked them, or is deleted, is answered like somebody who
 * was never there.
 */
export function createContacts(ownerId: string, { store, people, now }: ContactsParts) {
  const refuseSelf = (userId: string): void => {
    if (userId !== ownerId) return
    throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'userId', reason: 'is your own' }] })
  }
  return {
    list: (page: Page) => store.contacts(ownerId, page),
    blocked: (page: Page) => store.blocked(ownerId, page),
    /** Throws RES_NOT_FOUND for whom the owner can't see, RES_CONFLICT for whom they block or when the list is full. */
    async add(userId: string, nickname: string | null): Promise<{ contact: Contact; person: Person }> {
      refuseSelf(userId)
      const person = await people.find(userId)
      if (person === null) throw new AppError('RES_NOT_FOUND')
      const contact = await store.put(ownerId, { contactId: userId, nickname, createdAt: now() }, MOST_CONTACTS)
      if (contact === 'full') throw fullList('contact list', MOST_CONTACTS)
      if (contact === 'blocked')
        throw new AppError('RES_CONFLICT', { message: 'You block this person: unblock them first.' })
      return { contact, person }
    },
    /** True also when the person was not on the list. */
    async remove(userId: string): Promise<true> {
      await store.remove(ownerId, userId)
      return true
    },
    /** Takes any id: whether somebody is there must not show. Throws RES_CONFLICT when the list is full. */
    async block(userId: string): Promise<true> {
      refuseSelf(userId)
      const done = await store.block(ownerId, { blockedId: userId, createdAt: now() }, MOST_BLOCKS)
      if (done === 'full') throw fullList('list of blocked people', MOST_BLOCKS)
      return true
    },
    async unblock(userId: string): Promise<true> {
      await store.unblock(ownerId, userId)
      return true
    },
  }
}

export type Contacts = ReturnType<typeof createContacts>

function fullList(name: string, most: number): AppError {
  return new AppError('RES_CONFLICT', {
    message: `Your ${name} has ${most} people, which is the most: remove one first.`,
  })
}
