// Volume services: one per machine that holds volumes, and the scheduler, which is this process. Operators may take a
// machine out of the scheduler's choice. What pools hold comes with the hosts' heartbeats.
import type { VolumePool } from '../contract/volumes.ts'
import { isoMillis } from '../platform/clock.ts'
import { cache, type Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { backendName } from './capabilities.ts'
import { serviceRows, servicesTouch, type VolumeServiceRow } from './store/services.ts'
import { allocatedByHost } from './store/volumes.ts'

/** A machine without a heartbeat for that long is down. */
const downAfterMs = 150_000
/** heartbeats that say nothing new are written at most this often */
const writtenEveryMs = 60_000

export interface ServiceView {
  id: string
  binary: 'cinder-volume' | 'cinder-scheduler'
  host: string
  enabled: boolean
  up: boolean
  updatedAt: string
  disabledReason: string | null
  frozen: boolean
}

/** machine@backend: how volume services are named */
const serviceHost = (ctx: Context, host: string): string => `${host}@${backendName(ctx)}`

export async function servicesList(
  ctx: Context,
  filters: { host?: string | undefined; binary?: string | undefined },
): Promise<ServiceView[]> {
  ctx.authorize()
  const nowMs = ctx.clock.nowMs()
  const rows = await serviceRows.list(ctx.db)
  const volume = rows.map((row): ServiceView => ({
    id: row.id,
    binary: 'cinder-volume',
    host: serviceHost(ctx, row.host),
    enabled: !row.disabled,
    up: isUp(ctx, row, nowMs),
    updatedAt: row.updated_at,
    disabledReason: row.disabled_reason,
    frozen: row.frozen,
  }))
  const schedulers = [...new Set(rows.map(({ host }) => host))].slice(0, 1).map((host): ServiceView => ({
    id: '0',
    binary: 'cinder-scheduler',
    host,
    enabled: true,
    up: true,
    updatedAt: isoMillis(nowMs),
    disabledReason: null,
    frozen: false,
  }))
  const { host, binary } = filters
  return [...schedulers, ...volume].filter(
    (each) =>
      (binary === undefined || each.binary === binary) && (host === undefined || each.host === host || each.host.split('@')[0] === host),
  )
}

const isUp = (ctx: Context, row: VolumeServiceRow, nowMs: number): boolean =>
  ctx.hosts.find(row.host) !== undefined && nowMs - Date.parse(row.updated_at) < downAfterMs

export interface ServiceChange {
  host: string
  binary: string
  disabled: boolean
  reason: string | null
}

export async function serviceUpdate(ctx: Context, { host, binary, disabled, reason }: ServiceChange): Promise<ServiceView> {
  ctx.authorize()
  const found = (await servicesList(ctx, { binary })).find((each) => each.host === host)
  if (!found) throw notFound(`Service ${binary} could not be found on host ${host}.`)
  if (binary !== 'cinder-volume') throw badRequest(`The service ${binary} cannot be disabled.`)
  const change = { disabled, disabled_reason: disabled ? reason : null }
  await ctx.transaction((tx) => serviceRows.advance(tx.db, { host: host.split('@')[0] ?? host }, change))
  return { ...found, enabled: !disabled, disabledReason: disabled ? reason : null }
}

export async function serviceFreeze(ctx: Context, host: string, frozen: boolean): Promise<void> {
  ctx.authorize()
  const row = await ctx.transaction((tx) => serviceRows.advance(tx.db, { host: host.split('@')[0] ?? host }, { frozen }))
  if (!row) throw badRequest(`No service found with host=${host}`)
}

/** The machine that 'machine', 'machine@backend' or 'machine@backend#pool' names: it must be there, up and enabled. */
export async function serviceForHost(ctx: Context, named: string, missing?: string): Promise<string> {
  const host = named.split('@')[0] ?? named
  const row = (await serviceRows.list(ctx.db)).find((each) => each.host === host)
  const backend = named.includes('@') ? named.slice(named.indexOf('@')) : ''
  if (!row || !['', `@${backendName(ctx)}`, `@${backendName(ctx)}#${backendName(ctx)}`].includes(backend)) {
    if (missing !== undefined) throw badRequest(missing)
    throw notFound(`Service cinder-volume could not be found on host ${named}.`)
  }
  if (row.disabled || !isUp(ctx, row, ctx.clock.nowMs())) throw badRequest('Service is unavailable at this time.')
  return host
}

export interface PoolView {
  host: string
  totalGib: number | null
  freeGib: number | null
  allocatedGib: number
  volumes: number
  updatedAt: string
}

/** What every machine's only pool holds; no policy: the caller asked. */
export async function poolsList(ctx: Context): Promise<PoolView[]> {
  const allocated = await allocatedByHost(ctx.db)
  return (await serviceRows.list(ctx.db)).map((row) => ({
    host: row.host,
    totalGib: row.total_gib,
    freeGib: row.free_gib,
    allocatedGib: allocated.get(row.host)?.gib ?? 0,
    volumes: allocated.get(row.host)?.count ?? 0,
    updatedAt: row.updated_at,
  }))
}

/** Writes what the hosts' heartbeats say of their pools. One statement stamps all pools that did not change. */
export async function poolsUpdate(ctx: Context, pools: Map<string, VolumePool>): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  const writtenAtMs = cache(ctx, 'volume.pools-written', () => new Map<string, number>())
  // a clock may be set back
  if (![...pools.keys()].some((host) => Math.abs(nowMs - (writtenAtMs.get(host) ?? 0)) >= writtenEveryMs)) return
  const known = new Map((await serviceRows.list(ctx.db)).map((row) => [row.host, row]))
  const unchanged: string[] = []
  for (const [host, { totalGib, freeGib }] of pools) {
    const pool = { total_gib: Math.floor(totalGib), free_gib: Math.floor(freeGib) }
    const row = known.get(host)
    if (row?.total_gib === pool.total_gib && row.free_gib === pool.free_gib) unchanged.push(host)
    else await ctx.transaction((tx) => poolSave(tx, host, row, { ...pool, updated_at: isoMillis(nowMs) }))
  }
  if (unchanged.length > 0) await servicesTouch(ctx.db, unchanged, isoMillis(nowMs))
  for (const host of pools.keys()) writtenAtMs.set(host, nowMs)
}

type Pool = Pick<VolumeServiceRow, 'total_gib' | 'free_gib' | 'updated_at'>

/** What is free changes all the time; the total is a fact: written, it is told. */
async function poolSave(tx: Context, host: string, known: Pool | undefined, pool: Pool): Promise<void> {
  const { total_gib, ...quiet } = pool
  if (await serviceRows.advance(tx.db, { host }, known?.total_gib === total_gib ? quiet : pool)) return
  await serviceRows.insert(tx.db, { id: tx.ids.uuid(), host, disabled: false, disabled_reason: null, frozen: false, ...pool })
}
