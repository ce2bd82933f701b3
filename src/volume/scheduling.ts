// Chooses the machine for a volume: the services that are up and enabled, filtered by what the volume needs, the one
// with the most room left first. What was decided, and which filter took whom away, is kept as an event.
import type { Context } from '../platform/context.ts'
import { capabilitiesOf, satisfies } from './capabilities.ts'
import { allocatedByHost } from './store/volumes.ts'
import { servicesList, type VolumeServiceRow } from './store/services.ts'

/** Files are thin: this many times the real size may be promised, as Cinder's default. */
const overSubscription = 20

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
  details: { candidates: number; filters: { name: string; left: number }[]; host: string | null; freeGib: number | null }
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
  const filters: { name: string; left: number }[] = []
  const filter = (name: string, passes: (candidate: (typeof candidates)[number]) => boolean) => {
    candidates = candidates.filter(passes)
    filters.push({ name, left: candidates.length })
  }
  const count = candidates.length
  filter('enabled', ({ service }) => service.disabled === 0 && service.frozen === 0)
  filter('connected', ({ host }) => tx.hosts.find(host) !== undefined || tx.hosts.names().length === 0)
  if (requiredHost) filter('holds the source', ({ host }) => host === requiredHost)
  filter('capabilities', () => satisfies(capabilitiesOf(tx), specs))
  filter('capacity', ({ freeGib }) => freeGib >= sizeGib)
  candidates.sort((a, b) => Number(b.host === preferredHost) - Number(a.host === preferredHost) || b.freeGib - a.freeGib || (a.host < b.host ? -1 : 1))
  const chosen = candidates[0]
  return { host: chosen?.host ?? null, details: { candidates: count, filters, host: chosen?.host ?? null, freeGib: chosen?.freeGib ?? null } }
}

/** A machine that has just been connected counts before its first report. */
async function knownServices(tx: Context): Promise<VolumeServiceRow[]> {
  const rows = await servicesList(tx.db)
  const known = new Set(rows.map(({ host }) => host))
  const fresh = tx.hosts.names().filter((host) => !known.has(host))
  return [...rows, ...fresh.map((host): VolumeServiceRow => ({ id: '', host, disabled: 0, disabled_reason: null, frozen: 0, total_gib: null, free_gib: null, updated_at: '' }))]
}
