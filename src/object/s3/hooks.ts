// Where what else S3 can do to an object joins writing and reading it: each feature is one function here, called in this order.
import type { ObjectRow, UploadRow, VersionRow } from '../store/tables.ts'
import { aclOnBucketCreate, aclOnWrite } from './acl/acl.ts'
import { corsOnAnswer } from './cors/cors.ts'
import { encryptionOnPart, encryptionOnRead, encryptionOnWrite } from './encryption/encryption.ts'
import { expirationOnRead } from './lifecycle/lifecycle.ts'
import { lockOnBucketCreate } from './lock/bucket-lock.ts'
import { bypassOnDelete, lockOnRead, lockOnWrite } from './lock/object-lock.ts'
import type { Bucket, S3Call } from './operation.ts'
import type { S3Request } from './request.ts'
import { tagsOnRead, tagsOnWrite } from './tagging/tagging.ts'
import { redirectOnRead, redirectOnWrite } from './website/redirect.ts'

/** An object about to be written. */
export interface ObjectDraft {
  contentType: string
  /** 'x-object-meta-…' */
  metadata: Record<string, string>
  system: ObjectRow['system']
  expiresUs: number | null
  encryption?: 'root' | { customerKey: Buffer }
  /** what the answer says beside the usual */
  answer: Record<string, string>
}

export interface BucketDraft {
  settings: Record<string, unknown>
  metadata: Record<string, string>
  versioning?: 'enabled'
}

/** Reads headers of PutObject, of a copy's target, of CreateMultipartUpload, of a form; refuses what is wrong. */
export const onWrite: ((call: S3Call, bucket: Bucket, draft: ObjectDraft) => void | Promise<void>)[] = [
  aclOnWrite,
  tagsOnWrite,
  lockOnWrite,
  encryptionOnWrite,
  redirectOnWrite,
]

/** Before an object is shown (GET, HEAD, the source of a copy): adds headers, or refuses. */
export const onRead: ((call: S3Call, bucket: Bucket, object: VersionRow, headers: Record<string, string>) => void | Promise<void>)[] = [
  encryptionOnRead,
  tagsOnRead,
  lockOnRead,
  expirationOnRead,
  redirectOnRead,
]

/** Before a part of an upload is taken: sets the customer's key on the call, adds what the answer says. */
export const onPart: ((call: S3Call, upload: UploadRow, answer: Record<string, string>) => void | Promise<void>)[] = [encryptionOnPart]

/** Before something is deleted: may what is locked go? */
export const onDelete: ((call: S3Call) => void | Promise<void>)[] = [bypassOnDelete]

/** Headers of every answer, errors too: what a page of another origin may see of it. */
export const onAnswer: ((request: S3Request, bucket: Bucket | null) => Record<string, string>)[] = [corsOnAnswer]

export const onBucketCreate: ((call: S3Call, draft: BucketDraft) => void | Promise<void>)[] = [aclOnBucketCreate, lockOnBucketCreate]
