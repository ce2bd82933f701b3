// What an operation of the S3 door is, and what its handler is given and gives back.
import type { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import type { Actor, Platform } from '../../platform/context.ts'
import type { By, Engine } from '../engine/index.ts'
import type { ContainerRow } from '../store/tables.ts'
import type { S3Request } from './request.ts'
import type { Signer } from './sign/authenticate.ts'
import type { Xml } from './xml/write.ts'

export interface Bucket {
  /** the project that owns it */
  account: string
  name: string
  container: ContainerRow
  /** by the project that asks */
  isOwn: boolean
}

export interface S3Call {
  platform: Platform
  engine: Engine
  request: S3Request
  response: ServerResponse
  operation: S3Operation
  signer: Signer
  actor: Actor | null
  by: By
  requestId: string
  /** whose buckets are meant when a name is made: the caller's project; '' when nobody asks */
  account: string
  /** of every operation on a bucket or an object but CreateBucket */
  bucket: Bucket
  key: string
  /** the permission's name: 's3:GetObject' */
  action: string
  /** the customer's own key for the object that is read, set by the hook that reads it from the request */
  customerKey?: Buffer
  /** the caller may delete what governance mode keeps, and asks to */
  mayBypassGovernance?: boolean
}

/** What is shown: lower-case names and values. */
export type Shown = Record<string, string>

export interface S3Answer {
  status?: number
  headers?: Shown
  xml?: Xml
  body?: Buffer | Readable
}

export interface S3Operation {
  /** Amazon's name of it */
  name: string
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'
  on: 'service' | 'bucket' | 'object'
  /** parameters that must all be there; of several operations the one with most of them is meant */
  query?: readonly string[]
  /** a header that must be there */
  header?: string
  /** the permission that it takes */
  action: string | ((call: S3Call) => string)
  /** its bucket is not looked up: it makes one */
  withoutBucket?: boolean
  /** the handler asks for permission itself, since that hangs on more than the bucket and the key */
  asksItself?: boolean
  handler(call: S3Call): Promise<S3Answer>
}
