// The rows of object storage. Times are microseconds since 1970 (`_us`); names sort by their bytes on both engines.
import type { ColumnsOf } from '../../platform/store/columns.ts'

/** Header names in lower case, and what they hold. */
export type Metadata = Record<string, string>

/** What an account, a container and an account's row among them hold; changed in the transaction of what is counted, recounted by fsck. */
export interface Counters {
  /** current objects */
  object_count: number
  bytes_used: number
  /** versions that are not current, and delete markers */
  version_count: number
  version_bytes: number
  /** parts of uploads that are open */
  part_bytes: number
}

export interface AccountRow extends Counters {
  /** a project's id, or SERVICE_ and one */
  account: string
  created_us: number
  metadata: Metadata
  settings: Record<string, unknown>
  container_count: number
  /** it is gone, and never comes back by itself */
  deleted_us: number | null
}

/** Switched on it never goes back to '': what was written under versions may not be lost. */
export type Versioning = '' | 'enabled' | 'suspended'

export interface ContainerRow extends Counters {
  id: string
  account: string
  name: string
  created_us: number
  modified_us: number
  metadata: Metadata
  versioning: Versioning
  /** S3's subresources: acl, policy, publicAccess, ownership, cors, tagging, lifecycle, lock, encryption, website */
  settings: Record<string, unknown>
}

export type ObjectKind = 'plain' | 'slo' | 'dlo' | 'symlink' | 'multipart'

export interface ObjectLock {
  mode?: 'GOVERNANCE' | 'COMPLIANCE' | undefined
  untilUs?: number | undefined
  hold?: boolean | undefined
}

export interface Checksum {
  /** CRC32, CRC32C, CRC64NVME, SHA1, SHA256, … */
  algorithm: string
  /** base64; of a composite one with `-N` */
  value: string
  type: 'COMPOSITE' | 'FULL_OBJECT'
}

/** What an object has beside its user's metadata: headers by their names in lower case, and what the doors keep under words of their own. */
export interface ObjectSystem {
  checksum?: Checksum
  lock?: ObjectLock
  tags?: Record<string, string>
  acl?: unknown
  /** the upload that was completed into this object */
  upload?: string
  [name: string]: unknown
}

/** The current object of a name. */
export interface ObjectRow {
  container_id: string
  name: string
  /** when it was written: its version's id, which never changes */
  version_us: number
  /** when it or its metadata was written last */
  modified_us: number
  /** without quotes; of a multipart object `hex-N` */
  etag: string
  md5: string | null
  /** as clients see it */
  bytes: number
  /** what the counters count: of a manifest its own bytes, since its segments are objects themselves */
  counted: number
  content_type: string
  kind: ObjectKind
  /** null: no bytes of its own */
  blob_id: string | null
  metadata: Metadata
  system: ObjectSystem
  /** from then on it is not there */
  expires_us: number | null
  /** written while versions were off: S3's version "null" */
  is_null: boolean
}

/** A version that is not current, or a delete marker. When the newest of a name is a marker, `objects` has no row. */
export interface VersionRow extends ObjectRow {
  is_marker: boolean
}

/** A piece of a large object: another object's bytes (`path`) or bytes of its own (`blob_id`). */
export interface SegmentRow {
  container_id: string
  name: string
  version_us: number
  /** as they follow each other; of an upload the part's number */
  number: number
  blob_id: string | null
  /** container/object in the same account */
  path: string | null
  etag: string
  /** of the whole segment object */
  bytes: number
  /** the bytes of it that are meant, both inclusive; null: all */
  first: number | null
  last: number | null
  sub_slo: boolean
  content_type: string
  last_modified_us: number
  checksum: string | null
}

export interface UploadRow {
  id: string
  container_id: string
  name: string
  created_us: number
  owner: string
  content_type: string
  metadata: Metadata
  system: ObjectSystem
  expires_us: number | null
}

export interface PartRow {
  upload_id: string
  number: number
  blob_id: string | null
  bytes: number
  etag: string
  /** base64, of the upload's algorithm */
  checksum: string | null
  modified_us: number
}

export type BlobPlace = 'small' | 'files' | 's3'

/** How a blob is encrypted. */
export interface BlobKey {
  how: 'root' | 'customer'
  iv: string
  wrapped: string
}

/** Bytes that never change. */
export interface BlobRow {
  id: string
  bytes: number
  md5: string
  /** four bytes for each MiB as it is stored */
  crcs: Uint8Array
  /** rows that name it */
  refs: number
  place: BlobPlace
  /** the hour's folder */
  directory: string
  /** garbage: no row names it any more */
  state: 'kept' | 'garbage' | 'rotten'
  key: BlobKey | null
  created_us: number
  /** since when no row names it */
  garbage_us: number | null
}

export interface SmallRow {
  blob_id: string
  bytes: Uint8Array
}

/** Whose a bucket's name is for who does not ask within an account. */
export interface ClaimRow {
  bucket: string
  account: string
}

export interface TransferRow {
  account: string
  hour: string
  bytes_in: number
  bytes_out: number
  requests: number
}

/** What workers remember. */
export interface MarkRow {
  name: string
  value: string
}

export interface ObjectTables {
  accounts: AccountRow
  containers: ContainerRow
  objects: ObjectRow
  versions: VersionRow
  segments: SegmentRow
  uploads: UploadRow
  parts: PartRow
  blobs: BlobRow
  small: SmallRow
  claims: ClaimRow
  transfers: TransferRow
  marks: MarkRow
}

/** Bytes come and go as they are. */
type Decoded = Omit<ObjectTables, 'blobs' | 'small'> & { blobs: Omit<BlobRow, 'crcs'> }

export const objectColumns: ColumnsOf<Decoded> = {
  accounts: { metadata: 'json', settings: 'json' },
  containers: { metadata: 'json', settings: 'json' },
  objects: { metadata: 'json', system: 'json', is_null: 'flag' },
  versions: { metadata: 'json', system: 'json', is_null: 'flag', is_marker: 'flag' },
  segments: { sub_slo: 'flag' },
  uploads: { metadata: 'json', system: 'json' },
  blobs: { key: 'json' },
}
