// What time ends: objects after their X-Delete-At, uploads that nobody completes. Nobody sees them any more; here their rows go.
import { ObjectRefusal } from '../refusal.ts'
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import type { ObjectRow } from '../store/tables.ts'
import { uploadRows } from '../store/uploads.ts'
import { versionRows } from '../store/versions.ts'
import { act, told, type Act } from './act.ts'
import { currentEnd, there, versionEnd } from './current.ts'
import type { By, Engine } from './engine.ts'
import { uploadEnd } from './uploads-end.ts'

const by: By = { userId: null, projectId: null, requestId: 'expiry' }

/** Removes expired objects, each in an act of its own, until so many are gone; how many are: fewer than asked for when there were no more. */
export async function objectsExpire(engine: Engine, limit: number): Promise<number> {
  const nowUs = engine.platform.clock.nowMs() * 1000
  const current = await allExpired(limit, {
    find: (offset) => objectRows.expired(engine.store, nowUs, { limit, offset }),
    end: (row) => expire(engine, (it) => currentExpire(it, row)),
  })
  if (current >= limit) return current
  const versions = await allExpired(limit, {
    find: (offset) => versionRows.expired(engine.store, nowUs, { limit, offset }),
    end: (row) => expire(engine, (it) => versionExpire(it, row)),
  })
  return current + versions
}

interface Expiring {
  find: (offset: number) => Promise<ObjectRow[]>
  end: (row: ObjectRow) => Promise<boolean>
}

/** What is locked is passed over, so that it keeps nothing else from going. */
async function allExpired(limit: number, { find, end }: Expiring): Promise<number> {
  let [gone, locked] = [0, 0]
  for (;;) {
    const rows = await find(locked)
    const ended = await Promise.all(rows.map(end))
    gone += ended.filter(Boolean).length
    locked += ended.filter((isGone) => !isGone).length
    if (gone >= limit || rows.length < limit) return gone
  }
}

/** False when it is locked: it stays then, seen by nobody. */
async function expire(engine: Engine, work: (it: Act) => Promise<void>): Promise<boolean> {
  try {
    await act(engine, { by }, work)
    return true
  } catch (error) {
    if (error instanceof ObjectRefusal && error.kind === 'locked') return false
    throw error
  }
}

async function currentExpire(it: Act, { container_id, name }: ObjectRow): Promise<void> {
  const row = await objectRows.find(it.db, container_id, name)
  if (!row || there(row, it.nowUs)) return
  const container = await containerRows.fetch(it.db, container_id)
  if (container) await currentEnd(it, container, row)
  if (container)
    told(it, { type: 'object', account: container.account, container: container.name, object: name, action: 'expire', details: {} })
}

async function versionExpire(it: Act, { container_id, name, version_us }: ObjectRow): Promise<void> {
  const row = await versionRows.find(it.db, container_id, name, version_us)
  const container = row && (await containerRows.fetch(it.db, container_id))
  if (row && container && !there(row, it.nowUs)) await versionEnd(it, container, row)
}

/** Aborts at most so many uploads that were begun before. */
export async function uploadsExpire(engine: Engine, { beforeUs, limit }: { beforeUs: number; limit: number }): Promise<number> {
  const uploads = await uploadRows.older(engine.store, { beforeUs, limit })
  for (const { id } of uploads) {
    await act(engine, { by }, async (it) => {
      const upload = await uploadRows.fetch(it.db, id)
      const container = upload && (await containerRows.fetch(it.db, upload.container_id))
      if (container) await uploadEnd(it, container, upload)
    })
  }
  return uploads.length
}
