// Counters of containers and accounts, and blobs' references, against the rows that they count.
import type { Context } from '../../platform/context.ts'
import type { Finding } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import type { Db, Store } from '../../platform/store/store.ts'
import { recount, type Recount } from '../blobs/recount.ts'
import { storeOfObjects } from '../blobs/store-of-objects.ts'
import { blobFetch, blobsAfter, blobsCount } from '../store/blobs.ts'
import { containerRows } from '../store/containers.ts'
import {
  accountCountersSet,
  accountsCounted,
  accountsStored,
  containerCounted,
  containerCountersSet,
  containersAfter,
  referencesCounted,
  referencesSet,
  type AccountCounters,
} from '../store/recount.ts'
import type { BlobRow, ContainerRow, Counters } from '../store/tables.ts'

/** so many blobs' references are counted at a time: about 30 MB */
const blobsAtOnce = 250_000
const accountsAtOnce = 200
const hexDigits = [...'0123456789abcdef']

const names = ['object_count', 'bytes_used', 'version_count', 'version_bytes', 'part_bytes'] as const
const say = (counters: Counters & { container_count?: number }): string =>
  `${counters.container_count === undefined ? '' : `${counters.container_count} containers, `}${counters.object_count} objects of ${counters.bytes_used} bytes, ${counters.version_count} versions of ${counters.version_bytes}, parts of ${counters.part_bytes}`
const isSame = (one: Counters, other: Counters) => names.every((name) => Number(one[name]) === Number(other[name]))

export async function* countersFind(ctx: Context): AsyncGenerator<Finding> {
  const store = storeOfObjects(ctx.platform)
  const prefixes = (await blobsCount(store)) > blobsAtOnce ? hexDigits : ['']
  for (const [index, prefix] of prefixes.entries()) {
    const counted = await recount(store, prefix)
    if (index === 0) yield* containersDiffering(store, counted)
    yield* blobsDiffering(ctx, store, { counted, prefix })
  }
  yield* accountsDiffering(store)
}

async function* containersDiffering(store: Store, { containers }: Recount): AsyncGenerator<Finding> {
  for await (const rows of pages(
    (after, limit) => containersAfter(store, after, limit),
    ({ id }) => id,
  )) {
    for (const row of rows) {
      const walked = containers.get(row.id) ?? { object_count: 0, bytes_used: 0, version_count: 0, version_bytes: 0 }
      // parts are few, and are counted with the rest only when something else differs or there are any
      if (row.part_bytes === 0 && isSame(row, { ...walked, part_bytes: 0 })) continue
      const message = await store.transaction((db) => containerDiffers(db, row))
      if (message === null) continue
      const run = () => store.transaction(async (db) => containerCountersSet(db, row.id, await containerCounted(db, row.id)))
      yield { resourceType: 'container', resourceId: row.id, message, repair: { words: 'set its counters', run } }
    }
  }
}

async function containerDiffers(db: Db, { id }: ContainerRow): Promise<string | null> {
  const row = await containerRows.fetch(db, id)
  if (!row) return null
  const counted = await containerCounted(db, id)
  return isSame(row, counted) ? null : `its counters say ${say(row)}; there are ${say(counted)}`
}

async function* blobsDiffering(
  ctx: Context,
  store: Store,
  { counted, prefix }: { counted: Recount; prefix: string },
): AsyncGenerator<Finding> {
  const page = (after: string, limit: number) => blobsAfter(store, after === '' ? prefix : after, limit)
  for await (const blobs of pages(page, ({ id }) => id)) {
    const suspects = blobs.filter(({ id, refs }) => id.startsWith(prefix) && refs !== (counted.references.get(id) ?? 0))
    for (const { id, refs, named } of suspects.length === 0 ? [] : await store.transaction((db) => stillDiffering(db, suspects))) {
      const run = () =>
        store.transaction(async (db) => referencesSet(db, id, (await referencesCounted(db, [id])).get(id) ?? 0, ctx.clock.nowMs() * 1_000))
      yield {
        resourceType: 'blob',
        resourceId: id,
        message: `${named} rows name it, and it counts ${refs}`,
        repair: { words: 'set its count', run },
      }
    }
    if (blobs.some(({ id }) => !id.startsWith(prefix))) return
  }
}

async function stillDiffering(db: Db, suspects: BlobRow[]): Promise<{ id: string; refs: number; named: number }[]> {
  const named = await referencesCounted(
    db,
    suspects.map(({ id }) => id),
  )
  const found = []
  for (const { id } of suspects) {
    const row = await blobFetch(db, id)
    const count = named.get(id) ?? 0
    if (row && row.refs !== count) found.push({ id, refs: row.refs, named: count })
  }
  return found
}

async function* accountsDiffering(store: Store): AsyncGenerator<Finding> {
  for (let after = ''; ;) {
    const page = { after, limit: accountsAtOnce }
    const [stored, counted] = await store.transaction(async (db) => [
      await accountsStored.rows(db, page),
      await accountsCounted.rows(db, page),
    ])
    for (const [index, row] of stored.entries()) {
      const real = counted[index] as AccountCounters
      if (isSame(row, real) && Number(row.container_count) === Number(real.container_count)) continue
      const run = () => accountMend(store, row.account)
      const message = `its counters say ${say(row)}; its containers' add up to ${say(real)}`
      yield { resourceType: 'account', resourceId: row.account, message, repair: { words: 'set its counters', run } }
    }
    const last = stored.at(-1)
    if (!last || stored.length < accountsAtOnce) return
    after = last.account
  }
}

/** Sorts before it, with few in between. */
const before = (account: string): string => account.slice(0, -1)

const accountMend = (store: Store, account: string): Promise<void> =>
  store.transaction(async (db) => {
    const [real] = await accountsCounted
      .rows(db, { after: before(account), limit: accountsAtOnce })
      .then((rows) => rows.filter((row) => row.account === account))
    if (real) await accountCountersSet(db, real)
  })
