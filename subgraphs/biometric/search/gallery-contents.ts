import type { BiometricType } from '../domain/biometric-record.js'

export interface StoredMember {
  readonly recordId: string
  /** Null where it is gone or can't be opened. */
  readonly template: Uint8Array | null
}

/** What the index reads galleries from. All of it may throw, and be called again. */
export interface GalleryContents {
  galleries(): Promise<readonly { readonly id: string; readonly type: BiometricType }[]>
  /** Members by record id, those after one; none at the end. */
  page(galleryId: string, after: string | null): Promise<readonly StoredMember[]>
  /** Those of the records that are members now. */
  members(galleryId: string, recordIds: readonly string[]): Promise<readonly StoredMember[]>
  /**
   * Everything committed since a position, and some of what was before it, each at least once; none for a position of null.
   * What is committed after the call is given from `upTo` on.
   */
  changesSince(position: bigint | null): Promise<{
    readonly upTo: bigint
    readonly changed: readonly { readonly galleryId: string; readonly recordId: string }[]
  }>
  /** Changes are kept a day: whoever has not read for longer has to read all anew. */
  forgetOldChanges(): Promise<void>
}
