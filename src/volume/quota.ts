// Cinder's limits: counted from rows, in the transaction that adds one. Beside the general ones each volume type may
// have its own (volumes_<type>, gigabytes_<type>, snapshots_<type>), unlimited unless set.
import type { Context } from '../platform/context.ts'
import { quotaExcess, quotaLimits, type Limits } from '../platform/quota.ts'
import { overLimit } from './errors.ts'
import { groupCount } from './store/groups.ts'
import { snapshotUsage } from './store/snapshots.ts'
import { typesAll, typeRows } from './store/types.ts'
import { volumeUsage } from './store/volumes.ts'

export const volumeQuotas: Limits = {
  volumes: 10,
  per_volume_gigabytes: -1,
  snapshots: 10,
  gigabytes: 1000,
  backups: 10,
  backup_gigabytes: 1000,
  groups: 10,
}

export interface Wanted {
  projectId: string
  typeId: string
  volumes?: number
  snapshots?: number
  gib?: number
  /** size of the one volume, for the limit on a single one */
  volumeGib?: number
  typeOnly?: boolean
}

/** Refuses with 413 what would go beyond a limit. `typeOnly`: it is counted already, and only its type will be another. */
export async function quotaCheck(
  tx: Context,
  { projectId, typeId, volumes = 0, snapshots = 0, gib = 0, volumeGib, typeOnly = false }: Wanted,
): Promise<void> {
  const limits = await quotaLimits(tx.db, 'volume', projectId, volumeQuotas)
  const perVolume = limits['per_volume_gigabytes'] ?? -1
  if (volumeGib !== undefined && perVolume >= 0 && volumeGib > perVolume) {
    throw overLimit(`Requested volume size ${volumeGib}G is larger than maximum allowed limit ${perVolume}G.`)
  }
  const typeLimited = Object.keys(limits).some((name) => /^(volumes|gigabytes|snapshots)_/.test(name))
  const typeName = typeLimited ? (await typeRows.fetch(tx.db, typeId))?.name : undefined
  const wanted: Limits = typeOnly ? {} : { volumes, snapshots, gigabytes: gib }
  if (typeName !== undefined)
    Object.assign(wanted, { [`volumes_${typeName}`]: volumes, [`snapshots_${typeName}`]: snapshots, [`gigabytes_${typeName}`]: gib })
  const usage = { all: once(() => usageOf(tx, projectId)), type: once(() => usageOf(tx, projectId, typeId)) }
  const used = async (resource: string) =>
    (resource.endsWith(`_${typeName}`) ? await usage.type() : await usage.all())[resource.split('_')[0] as keyof Usage]
  const [excess] = await quotaExcess(tx, { service: 'volume', projectId, builtIn: volumeQuotas, wanted, used })
  if (!excess) return
  const { resource, limit } = excess
  if (resource.startsWith('volumes'))
    throw overLimit(`VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota '${resource}'.`)
  if (resource.startsWith('snapshots')) throw overLimit(`SnapshotLimitExceeded: Maximum number of snapshots allowed (${limit}) exceeded`)
  throw overLimit(
    `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed ${resource} quota. Requested ${excess.wanted}G, quota is ${limit}G and ${excess.used}G has been consumed.`,
  )
}

interface Usage {
  volumes: number
  snapshots: number
  gigabytes: number
}

/** Of `gigabytes`, what is only promised as yet: volumes that are being extended. */
type UsageAndReserved = Usage & { reserved: number }

async function usageOf(ctx: Context, projectId: string, typeId?: string): Promise<UsageAndReserved> {
  const volumes = await volumeUsage(ctx.db, projectId, typeId)
  const snapshots = await snapshotUsage(ctx.db, projectId, typeId)
  return {
    volumes: volumes.count,
    snapshots: snapshots.count,
    gigabytes: volumes.gib + volumes.growingGib + snapshots.gib,
    reserved: volumes.growingGib,
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** Every limit that holds for a project, those of types included. */
export async function limitsOf(ctx: Context, projectId: string): Promise<Limits> {
  const types = await typesAll(ctx.db)
  const ofTypes: Limits = {}
  for (const { name } of types) Object.assign(ofTypes, { [`volumes_${name}`]: -1, [`gigabytes_${name}`]: -1, [`snapshots_${name}`]: -1 })
  const { groups = 10, ...rest } = volumeQuotas
  return quotaLimits(ctx.db, 'volume', projectId, { ...rest, ...ofTypes, groups })
}

export interface InUse {
  inUse: number
  reserved: number
}

/** What a project uses of each resource that has a limit, and what of it is only promised. */
export async function quotaUsageOf(ctx: Context, projectId: string): Promise<Map<string, InUse>> {
  const usage = new Map<string, InUse>([['groups', { inUse: await groupCount(ctx.db, projectId), reserved: 0 }]])
  const add = ({ volumes, snapshots, gigabytes, reserved }: UsageAndReserved, suffix: string) => {
    usage.set(`volumes${suffix}`, { inUse: volumes, reserved: 0 })
    usage.set(`snapshots${suffix}`, { inUse: snapshots, reserved: 0 })
    usage.set(`gigabytes${suffix}`, { inUse: gigabytes - reserved, reserved })
  }
  add(await usageOf(ctx, projectId), '')
  for (const { id, name } of await typesAll(ctx.db)) add(await usageOf(ctx, projectId, id), `_${name}`)
  return usage
}
