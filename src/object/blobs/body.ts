// A body that was taken in and is durable, before a row knows it: what the engine's transaction makes a blob's row of.
import type { Digests } from '../../platform/bytes/digests.ts'
import type { BlobKey, BlobPlace } from '../store/tables.ts'

export interface Body {
  /** null: no bytes at all, and so no blob */
  id: string | null
  bytes: number
  /** in hex */
  md5: string
  /** raw; those that were asked for, and MD5 */
  digests: Digests
  place: BlobPlace
  /** '' for a small one */
  directory: string
  /** four bytes a MiB, big-endian, of what is stored: it can be held against them without any key */
  crcs: Buffer
  /** as it is stored, when it goes in with its row */
  small: Buffer | null
  key: BlobKey | null
  /** blobInsert calls it when the row is committed: nobody looks for it as rubbish any more, or ever again */
  settled?(): void
}
