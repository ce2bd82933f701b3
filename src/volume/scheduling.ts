// Chooses the machine for a volume: the services that are up and enabled, filtered by what the volume needs, the one
// with the most room left first. The decision, and the hosts that each filter removed, are kept as an event.
import type { Context } from '../platform/context.ts'
import { capabilitiesOf, satisfies } from './capabilities.ts'
import { allocatedByHost } from './store/volumes.ts'
import { serviceRows, type VolumeServiceRow } from './store/services.ts'

/** Files are thin: this many times the real size may be promised, as Cinder's default. */
const overSubscription = 20
/** of the machines that could have been chosen */
const toldMost = 5

export interface Placement {
  sizeGib: number
  /** the machine that the source lies on: nothing is copied between machines */
  requiredHost?: string | null | undefined
  /** the type's extra specs */
  specs: Record<string, string>
  /** a wish: taken if it passes the filters */
  preferredHost?: string | undefined
}

export interface Decision {
  host: string | null
  /** like the grounds of a server's host: the hosts that each filter removed, and how much room (GiB) the others have, the best first */
  details: { filters: { filter: string; left: number; removed: string[] }[]; weights: { host: string; weight: number }[] }
}

interface Candidate {
  host: string
  freeGib: number
}

/** Runs in the transaction that adds the volume. */
export async function volumeSchedule(tx: Context, { sizeGib, requiredHost, preferredHost, specs }: Placement): Promise<Decision> {
  const services = await knownServices(tx)
  const allocated = await allocatedByHost(tx.db)
  let candidates: (Candidate & { service: VolumeServiceRow })[] = services.map((service) => ({
    host: service.host,
    freeGib: (service.total_gib ?? Number.MAX_SAFE_INTEGER / overSubscription) * overSubscription - (allocated.get(service.host)?.gib ?? 0),
    service,
  }))
  const filters: Decision['details']['filters'] = []
  const filter = (name: string, passes: (candidate: (typeof candidates)[number]) => boolean) => {
    const removed = candidates.filter((candidate) => !passes(candidate)).map(({ host }) => host)
    candidates = candidates.filter(passes)
    if (removed.length > 0) filters.push({ filter: name, left: candidates.length, removed })
  }
  filter('enabled', ({ service }) => !service.disabled && !service.frozen)
  filter('connected', ({ host }) => tx.hosts.find(host) !== undefined || tx.hosts.names().length === 0)
  if (requiredHost) filter('holds the source', ({ host }) => host === requiredHost)
  filter('capabilities', () => satisfies(capabilitiesOf(tx), specs))
  filter('capacity', ({ freeGib }) => freeGib >= sizeGib)
  candidates.sort(
    (a, b) => Number(b.host === preferredHost) - Number(a.host === preferredHost) || b.freeGib - a.freeGib || (a.host < b.host ? -1 : 1),
  )
  return {
    host: candidates[0]?.host ?? null,
    details: { filters, weights: candidates.slice(0, toldMost).map(({ host, freeGib }) => ({ host, weight: freeGib })) },
  }
}

/** A machine that has just been connected counts before its first report. */
async function knownServices(tx: Context): Promise<VolumeServiceRow[]> {
  const rows = await serviceRows.list(tx.db)
  const known = new Set(rows.map(({ host }) => host))
  const fresh = tx.hosts.names().filter((host) => !known.has(host))
  return [
    ...rows,
    ...fresh.map((host): VolumeServiceRow => ({
      id: '',
      host,
      disabled: false,
      disabled_reason: null,
      frozen: false,
      total_gib: null,
      free_gib: null,
      updated_at: '',
    })),
  ]
}
