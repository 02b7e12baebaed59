/** What a mailed link proves the receiver may do. */
export type LinkPurpose = 'confirm_address' | 'reset_password'

export interface RequestedLink {
  readonly purpose: LinkPurpose
  /** Of the page it leads to, below the address of the web client. */
  readonly path: string
}

/** How long a link works: long enough for slow mail, short enough for a mailbox that others come to see. */
export const LINK_LIFETIME_MS = 30 * 60_000

/** The secret in a link, and what is kept of it. */
export interface LinkTokens {
  /** 256 random bits. */
  create(): string
  fingerprint(token: string): Uint8Array<ArrayBuffer>
}
