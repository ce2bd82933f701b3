// Where objects' bytes lie: small ones in the database, others where the driver keeps them. The engine takes bodies in here before it writes
// a row, and reads by the row; nothing here knows an object.
import type { Readable } from 'node:stream'
import { cache, type Platform } from '../../platform/context.ts'
import { ObjectRefusal } from '../refusal.ts'
import { smallFetch } from '../store/blobs.ts'
import type { BlobRow } from '../store/tables.ts'
import { BlobMissing } from './backends/driver.ts'
import type { Body } from './body.ts'
import { RotError } from './checksums.ts'
import { driverFor, driverOfConfig } from './drivers.ts'
import { hourOf } from './hours.ts'
import { BlobKeys, type Encryption } from './keys.ts'
import { driverRead, smallRead, streamOfBytes, type BlobRange } from './read.ts'
import { Room } from './room.ts'
import { rotFound } from './rot.ts'
import { runningNote } from './running.ts'
import { storeOfObjects } from './store-of-objects.ts'
import { take, type TakeOptions } from './take.ts'

export interface TakeRequest extends TakeOptions {
  /** not given: as the operator set it for all */
  encryption?: Encryption
}

export interface ReadRequest extends BlobRange {
  customerKey?: Buffer | undefined
}

export interface BlobStore {
  /** Durable when it resolves; without a trace when it rejects: with the source's own error, or an ObjectRefusal. */
  take(source: Readable | Buffer, request: TakeRequest): Promise<Body>
  /** Its row was not written. */
  discard(body: Body): Promise<void>
  /** Rejects with ObjectRefusal 'rotten' or 'bad-key'; rot that is met later destroys the stream. */
  read(row: BlobRow & { small?: Uint8Array | undefined }, request: ReadRequest): Promise<Readable>
  /** 'full': a body would be refused for want of room */
  room(): Promise<'free' | 'full'>
  freeBytes(): Promise<number | null>
  /** bodies that came in and whose rows are not there yet, or never will be */
  readonly pending: ReadonlySet<string>
}

export const blobsOf = (platform: Platform): BlobStore => cache(platform, 'object.blobs', () => createBlobStore(platform))

function createBlobStore(platform: Platform): BlobStore {
  const driver = () => driverOfConfig(platform)
  const store = storeOfObjects(platform)
  const pending = new Set<string>()
  const room = new Room(platform, driver)
  const keys = new BlobKeys(platform)
  return {
    async take(source, request) {
      const name = { id: platform.ids.uuid(), directory: hourOf(platform.clock.nowMs()) }
      pending.add(name.id)
      try {
        await runningNote(platform, store)
        const taking = { driver: await driver(), name, newKey: await keys.make(request.encryption) }
        const body = await take(source, request, { ...taking, checkRoom: (bytes) => room.check(bytes) })
        if (body.id !== null && !body.small) return { ...body, settled: () => void pending.delete(name.id) }
        pending.delete(name.id)
        return body
      } catch (error) {
        pending.delete(name.id)
        throw error
      }
    },
    async discard({ id, place, directory }) {
      if (id === null || place === 'small') return
      await (await driverFor(platform, place)).remove({ id, directory })
      pending.delete(id)
    },
    async read(row, request) {
      if (row.state === 'rotten') throw new ObjectRefusal('rotten', { blob: row.id })
      const key = await keys.open(row.key, request.customerKey)
      try {
        const stream = await open(platform, row, { ...request, key })
        stream.once('error', (error) => {
          if (error instanceof RotError) rotFound(platform, store, row)
        })
        return stream
      } catch (error) {
        if (!(error instanceof RotError || error instanceof BlobMissing)) throw error
        rotFound(platform, store, row)
        throw new ObjectRefusal('rotten', { blob: row.id })
      }
    },
    room: async () => ((await room.isFull()) ? 'full' : 'free'),
    freeBytes: () => room.freeBytes(),
    pending,
  }
}

async function open(
  platform: Platform,
  row: Parameters<BlobStore['read']>[0],
  range: BlobRange & { key: Buffer | null },
): Promise<Readable> {
  if (row.place !== 'small') return driverRead(await driverFor(platform, row.place), row, range)
  const stored = row.small ?? (await smallFetch(storeOfObjects(platform), row.id))
  if (!stored) throw new BlobMissing(`there are no bytes of blob ${row.id}`)
  return streamOfBytes(smallRead(row, stored, range))
}
