// What keeps blobs: files of this machine, an S3 bucket, or memory. Blobs have no names of users', are written once and never change;
// a blob that no row knows is rubbish. All drivers pass one suite: conformance.ts.
import type { Source } from '../../../platform/bytes/read.ts'
import type { Sink } from '../../../platform/bytes/receive.ts'

export type DriverPlace = 'files' | 's3'

export interface BlobName {
  id: string
  /** the hour that it was begun in, yyyymmddhh of UTC: what a crash may have left is looked for in few of them */
  directory: string
}

export interface BlobWriter extends Omit<Sink, 'sync'> {
  /** It is on the disk when this resolves, and will be found again. */
  finish(): Promise<void>
  /** Fine at any time but after `finish`: nothing is left of it. */
  abandon(): Promise<void>
}

export interface BlobDriver {
  place: DriverPlace
  create(name: BlobName): Promise<BlobWriter>
  /** Rejects with BlobMissing. Bytes will be read from `start` on, in their order, and not beyond `end`. */
  open(name: BlobName, range: { start: number; end: number }): Promise<Source>
  /** Fine when there is none; also when it is in quarantine. */
  remove(name: BlobName): Promise<void>
  /** bytes; null when there is none */
  stat(name: BlobName): Promise<number | null>
  /** Puts a rotten one aside: it is read no more, and kept for whoever wants to know. */
  quarantine(name: BlobName): Promise<void>
  directories(): Promise<string[]>
  /** ids, in no order */
  list(directory: string): AsyncIterable<string>
  /** of an hour that is long over; stays when there is something in it */
  removeDirectory(directory: string): Promise<void>
  /** how much more it can take; null: nobody knows */
  freeBytes(): Promise<number | null>
}

export class BlobMissing extends Error {}
