// The service catalog of a token: enabled services with their enabled endpoints, the project's own selection when
// it has one, and URLs filled in. Read once per revision.
import type { Config } from '../platform/config.ts'
import { table } from '../platform/table.ts'
import type { Platform } from '../platform/context.ts'
import { cache } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import {
  endpointGroups,
  endpoints,
  projectEndpointGroups,
  projectEndpoints,
  services,
  type EndpointGroupRow,
  type EndpointRow,
  type ServiceRow,
} from './store/tables.ts'

interface CatalogRows {
  revision: number
  services: ServiceRow[]
  endpoints: EndpointRow[]
  groups: EndpointGroupRow[]
  /** whether any project has a selection: usually none */
  selections: boolean
}

export interface CatalogService {
  endpoints: { id: string; interface: string; region_id: string | null; url: string; region: string | null }[]
  id: string
  type: string
  name: string
}

/** Who the catalog is for; null where the token has none. */
export interface CatalogSubject {
  projectId: string | null
  userId: string
}

async function rowsAt(platform: Platform, db: Db, revision: number): Promise<CatalogRows> {
  const kept = cache(platform, 'identity.catalog', () => ({ rows: undefined as CatalogRows | undefined }))
  if (kept.rows?.revision !== revision) {
    kept.rows = {
      revision,
      services: await services.list(db, { enabled: true }),
      endpoints: await endpoints.list(db, { enabled: true }),
      groups: await endpointGroups.list(db),
      selections: (await projectEndpoints.first(db, {})) !== undefined || (await projectEndpointGroups.first(db, {})) !== undefined,
    }
  }
  return kept.rows
}

/** The catalog as a token shows it. */
export async function catalogFor(platform: Platform, db: Db, subject: CatalogSubject, revision: number): Promise<CatalogService[]> {
  const rows = await rowsAt(platform, db, revision)
  const chosen = rows.selections && subject.projectId !== null ? await endpointsSelected(db, rows, subject.projectId) : null
  const byService = new Map<string, CatalogService['endpoints']>(rows.services.map((service) => [service.id, []]))
  for (const endpoint of rows.endpoints) {
    if (chosen && !chosen.has(endpoint.id)) continue
    const url = urlFilled(platform, endpoint.url, subject)
    if (url === null) continue
    const { id, interface: shown, region_id: region } = endpoint
    byService.get(endpoint.service_id)?.push({ id, interface: shown, region_id: region, url, region })
  }
  return rows.services.map((service) => ({
    endpoints: byService.get(service.id) ?? [],
    id: service.id,
    type: service.type,
    name: String(service.extra['name'] ?? ''),
  }))
}

/** The project's endpoints, or null when it has no selection: then it sees all. */
async function endpointsSelected(db: Db, rows: CatalogRows, projectId: string): Promise<Set<string> | null> {
  const direct = await projectEndpoints.list(db, { project_id: projectId })
  const groupIds = (await projectEndpointGroups.list(db, { project_id: projectId })).map((row) => row.endpoint_group_id)
  if (direct.length === 0 && groupIds.length === 0) return null
  const found = new Set(direct.map((row) => row.endpoint_id))
  for (const group of rows.groups) {
    if (groupIds.includes(group.id)) for (const endpoint of groupEndpoints(group, rows.endpoints)) found.add(endpoint.id)
  }
  return found
}

/** The endpoints that an endpoint group's filters choose. */
export function groupEndpoints(group: EndpointGroupRow, all: EndpointRow[]): EndpointRow[] {
  const filters = Object.entries(group.filters)
  return all.filter((endpoint) => filters.every(([name, value]) => filterValue(endpoint, name) === value))
}

// rows have the filters’ names as their columns
function filterValue(endpoint: EndpointRow, name: string): unknown {
  const row: Record<string, unknown> = table({ ...endpoint })
  return row[name]
}

const publicEndpoint = '$(public_endpoint)s'
const s3Endpoint = '$(s3_endpoint)s'

/** `$(public_endpoint)s` is this cloud's own address, wherever it listens today; `$(s3_endpoint)s` that of its S3 API, when it has one. */
export const urlOwn = ({ publicUrl, s3 }: Pick<Config, 'publicUrl' | 's3'>, url: string): string =>
  url.replace(publicEndpoint, publicUrl).replace(s3Endpoint, s3?.publicUrl ?? s3Endpoint)

/** An endpoint's URL as it is kept. */
export const ownUrl = (at: { path: string } | 's3'): string => (at === 's3' ? s3Endpoint : publicEndpoint + at.path)

/** `%(project_id)s`, `$(tenant_id)s`, … filled; null when the token lacks what the URL needs. */
function urlFilled(platform: Platform, url: string, subject: CatalogSubject): string | null {
  const own = urlOwn(platform.config, url)
  if (!own.includes('(')) return own
  let lacking = false
  const filled = own.replace(/[$%]\((\w+)\)s/g, (_, name: string) => {
    const value = name === 'user_id' ? subject.userId : name === 'project_id' || name === 'tenant_id' ? subject.projectId : null
    if (value === null) lacking = true
    return value ?? ''
  })
  return lacking ? null : filled
}
