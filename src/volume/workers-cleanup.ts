// workers/cleanup: what services left unfinished is set right. Work here goes on by itself after a crash; what remains is a
// volume or snapshot that is said to be on its way with nothing working on it, which fsck finds and mends in the same way.
import { wordOf } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { unexplained } from '../platform/fsck/explained.ts'
import { volumesRestingCheck } from './checks/resting.ts'
import { invalidInput } from './errors.ts'
import { servicesList, type ServiceView } from './services.ts'
import { snapshotRows } from './store/snapshots.ts'
import { volumeRows } from './store/volumes.ts'

export interface CleanupWanted {
  host?: string | null | undefined
  binary?: string | undefined
  clusterName?: string | null | undefined
  serviceId?: string | null | undefined
  /** only services that are up, or only those that are not */
  isUp: boolean
  disabled?: boolean | undefined
  resourceType?: string | null | undefined
  resourceId?: string | null | undefined
}

export interface CleanedServices {
  cleaning: ServiceView[]
  unavailable: ServiceView[]
}

const types = ['volume', 'snapshot'] as const

export async function workersCleanup(ctx: Context, wanted: CleanupWanted): Promise<CleanedServices> {
  const all = await servicesList(ctx, { binary: wanted.binary })
  const type = wanted.resourceType ? wordOf(types, wanted.resourceType) : undefined
  if (wanted.resourceType && type === undefined)
    throw invalidInput(`Resource type ${wanted.resourceType} not valid, must be Snapshot or Volume`)
  const resting = (await restingOf(ctx)).filter(
    (each) => (type === undefined || each.resourceType === type) && (!wanted.resourceId || each.resourceId === wanted.resourceId),
  )
  const located = Boolean(wanted.host ?? wanted.clusterName ?? wanted.serviceId)
  if (wanted.resourceId && !located && resting.length === 0)
    throw invalidInput(`There is no resource with UUID ${wanted.resourceId} pending cleanup.`)
  const services = all.filter(
    (each) =>
      each.up === wanted.isUp &&
      (wanted.disabled === undefined || each.enabled !== wanted.disabled) &&
      !wanted.clusterName &&
      (!wanted.serviceId || each.id === wanted.serviceId) &&
      (!wanted.host || each.host === wanted.host || each.host.split('@')[0] === wanted.host),
  )
  const cleaning = services.filter(({ up, binary }) => up || binary === 'cinder-scheduler')
  const machines = new Set(cleaning.map(({ host }) => host.split('@')[0]))
  for (const each of resting.filter(({ host }) => machines.has(host ?? ''))) await each.mend()
  return { cleaning, unavailable: services.filter((each) => !cleaning.includes(each)) }
}

interface Resting {
  resourceType: string
  resourceId: string
  host: string | null
  mend(): Promise<void>
}

async function restingOf(ctx: Context): Promise<Resting[]> {
  const found = []
  for await (const finding of volumesRestingCheck.find?.(ctx) ?? []) found.push({ finding })
  const resting: Resting[] = []
  for (const { finding } of await unexplained(ctx, found)) {
    const { resourceType, resourceId, repair } = finding
    const volumeId = resourceType === 'snapshot' ? (await snapshotRows.fetch(ctx.db, resourceId))?.volume_id : resourceId
    const host = volumeId === undefined ? null : ((await volumeRows.fetch(ctx.db, volumeId))?.host ?? null)
    // these repairs ask no host, so that no fence is needed
    const mend = async () => repair?.run({ ctx, itemId: 'workers-cleanup', attempt: 1, call: { fence: 0, requestId: ctx.requestId } })
    resting.push({ resourceType, resourceId, host, mend })
  }
  return resting
}
