// Accounts and containers as acts: made, changed and deleted with their line in the timeline.
import { Budget } from '../../platform/budget.ts'
import type { Db } from '../../platform/store/store.ts'
import { ObjectRefusal } from '../refusal.ts'
import { claimRows } from '../store/accounts.ts'
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import type { ContainerRow, Metadata, Versioning } from '../store/tables.ts'
import { uploadsEnd } from './uploads-end.ts'
import { versionRows } from '../store/versions.ts'
import { accountEnsure, act, told, type Act } from './act.ts'
import { containerCount } from './counts.ts'
import { currentEnd } from './current.ts'
import type { By, Engine } from './engine.ts'

/** Changes of metadata: null or '' removes. */
export type MetadataChange = Record<string, string | null>

export interface ContainerChange {
  set?: MetadataChange | undefined
  /** null removes */
  settings?: Record<string, unknown> | undefined
  versioning?: Versioning | undefined
}

interface ContainerOf {
  by: By
  account: string
  name: string
}

export async function containerIn(db: Db, account: string, name: string): Promise<ContainerRow> {
  const row = await containerRows.find(db, account, name)
  if (!row) throw new ObjectRefusal('no-container', { account, name })
  return row
}

export const containerFind = ({ store }: Engine, account: string, name: string): Promise<ContainerRow | undefined> =>
  containerRows.find(store, account, name)

/** Whose bucket this is for who asks from outside of its account. */
export const claimOwner = async ({ store }: Engine, bucket: string): Promise<string | undefined> =>
  (await claimRows.first(store, { bucket }))?.account

export function metadataChanged(known: Metadata, set: MetadataChange = {}): Metadata {
  const changed = { ...known }
  for (const [name, value] of Object.entries(set)) {
    if (value === null || value === '') delete changed[name]
    else changed[name] = value
  }
  return changed
}

export function settingsChanged(known: Record<string, unknown>, set: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...known, ...set }).filter(([, value]) => value !== null && value !== undefined))
}

const changedOf = (row: ContainerRow, { set, settings, versioning }: ContainerChange) => ({
  metadata: metadataChanged(row.metadata, set),
  settings: settingsChanged(row.settings, settings),
  versioning: versioningChanged(row.versioning, versioning),
})

/** What was once kept as versions is not forgotten: off means suspended from then on. */
const versioningChanged = (known: Versioning, wanted: Versioning = known): Versioning =>
  wanted === '' && known !== '' ? 'suspended' : wanted

/**
 * Makes the container, or changes it as `containerUpdate` does. `claim`: its name is to be a bucket's for everybody: 'must' refuses
 * with 'exists' when it is another account's, 'may' takes it when it is free. `onlyNew`: what is there already stays as it is.
 */
export function containerPut(
  engine: Engine,
  put: ContainerOf & ContainerChange & { claim?: 'must' | 'may' | undefined; onlyNew?: boolean | undefined },
): Promise<{ container: ContainerRow; created: boolean }> {
  const { account, name } = put
  return act(engine, put, async (it) => {
    await accountEnsure(it, account)
    if (put.claim) await claimTake(it, { bucket: name, account, must: put.claim === 'must' })
    const known = await containerRows.find(it.db, account, name)
    if (known) return { container: put.onlyNew ? known : await changedWrite(it, known, put), created: false }
    const fresh = emptyContainer(engine.platform.ids.uuid(), { account, name, nowUs: it.nowUs })
    const container = { ...fresh, ...changedOf(fresh, put) }
    await containerRows.insert(it.db, container)
    await containerCount(it, account, 1)
    told(it, { type: 'container', account, container: name, action: 'create' })
    return { container, created: true }
  })
}

const emptyContainer = (id: string, { account, name, nowUs }: { account: string; name: string; nowUs: number }): ContainerRow => ({
  id,
  account,
  name,
  created_us: nowUs,
  modified_us: nowUs,
  metadata: {},
  versioning: '',
  settings: {},
  object_count: 0,
  bytes_used: 0,
  version_count: 0,
  version_bytes: 0,
  part_bytes: 0,
})

async function claimTake({ db }: Act, { bucket, account, must }: { bucket: string; account: string; must: boolean }): Promise<void> {
  await claimRows.insertMissing(db, { bucket, account })
  const owner = (await claimRows.first(db, { bucket }))?.account
  if (must && owner !== account) throw new ObjectRefusal('exists', { bucket, owner, own: false })
}

/** Metadata and settings are merged. */
export function containerUpdate(engine: Engine, update: ContainerOf & ContainerChange): Promise<ContainerRow> {
  return act(engine, update, async (it) => changedWrite(it, await containerIn(it.db, update.account, update.name), update))
}

async function changedWrite(it: Act, row: ContainerRow, change: ContainerChange): Promise<ContainerRow> {
  const changed = changedOf(row, change)
  await containerRows.update(it.db, row.id, { ...changed, modified_us: it.nowUs })
  const names = [
    ...Object.keys(change.set ?? {}),
    ...Object.keys(change.settings ?? {}),
    ...(change.versioning === undefined ? [] : ['versioning']),
  ]
  // a PUT of what is there already says nothing new
  if (names.length > 0) told(it, { type: 'container', account: row.account, container: row.name, action: 'update', details: { names } })
  return { ...row, ...changed, modified_us: it.nowUs }
}

/** expired objects that go with their container at once; more are the expiry's work */
const expiredAtOnce = 1000
/** of the budget */
const stepsAnObject = 5000

/** Only an empty one: no object, version or marker. What only its expiry has not removed yet, and open uploads, go with it. */
export function containerDelete(engine: Engine, { by, account, name }: ContainerOf): Promise<void> {
  return act(engine, { by }, async (it) => {
    const row = await containerIn(it.db, account, name)
    if (await versionRows.any(it.db, row.id)) throw new ObjectRefusal('not-empty', { account, name })
    const objects = await objectRows.first(it.db, row.id, expiredAtOnce + 1)
    const isGone = objects.length <= expiredAtOnce && objects.every(({ expires_us }) => expires_us !== null && expires_us <= it.nowUs)
    if (!isGone) throw new ObjectRefusal('not-empty', { account, name })
    const budget = new Budget()
    for (const object of objects) {
      await currentEnd(it, row, object)
      await budget.take(stepsAnObject)
    }
    await uploadsEnd(it, row)
    await containerRows.delete(it.db, row.id)
    await containerCount(it, account, -1)
    await claimRows.delete(it.db, { bucket: name, account })
    told(it, { type: 'container', account, container: name, action: 'delete' })
  })
}
