// The engine of object storage on a store of a test's own, with bodies that a test makes in memory.
import { createHash } from 'node:crypto'
import { eventMigrations } from '../../src/platform/events.ts'
import { systemClock, type Clock } from '../../src/platform/clock.ts'
import { defaultConfig } from '../../src/platform/config.ts'
import type { Platform } from '../../src/platform/context.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { migrate } from '../../src/platform/store/migrate.ts'
import type { Store } from '../../src/platform/store/store.ts'
import type { Body, BlobStore } from '../../src/object/blobs/index.ts'
import { engineStart, type By, type Engine } from '../../src/object/engine/index.ts'
import { objects } from '../../src/object/store/migrations/0001-objects.ts'
import { objectColumns } from '../../src/object/store/tables.ts'

export const by: By = { userId: 'user', projectId: 'acc', requestId: 'req-test' }

/** Bytes that are there when their row is. */
export function bodyOf(text: string): Body {
  const bytes = Buffer.from(text)
  const md5 = createHash('md5').update(bytes).digest('hex')
  const id = bytes.length === 0 ? null : systemIds.uuid()
  return {
    id,
    bytes: bytes.length,
    md5,
    digests: {},
    place: 'small',
    directory: '',
    crcs: Buffer.alloc(4),
    small: id === null ? null : bytes,
    key: null,
  }
}

export interface TestEngine extends Engine {
  discarded: Body[]
}

/** With its tables; the clock can be the test's own. */
export async function testEngine(store: Store, clock: Clock = systemClock): Promise<TestEngine> {
  await migrate(store, [
    { domain: 'events', migrations: eventMigrations },
    { domain: 'object', migrations: { '0001-objects': objects }, columns: objectColumns },
  ])
  const discarded: Body[] = []
  // of the bytes' store the engine's acts only discard
  const blobs = { discard: async (body: Body) => void discarded.push(body) } as unknown as BlobStore
  // of the platform it asks for time, ids and settings
  const platform = { clock, ids: systemIds, config: defaultConfig } as unknown as Platform
  return { ...engineStart(platform, { store, blobs }), discarded }
}
