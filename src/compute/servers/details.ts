// What servers' answers show that is not in their rows, gathered for all servers of an answer at once: a list costs a
// fixed number of queries.
import { portsOfServers, type ServerPort } from '../../network/index.ts'
import type { Context } from '../../platform/context.ts'
import { hostFacts } from '../hosts/facts.ts'
import { tagsOf, volumesOfServers } from './store/parts.ts'
import type { ServerRow } from './store/servers.ts'

export interface ServerParts {
  ports: Map<string, ServerPort[]>
  volumes: Map<string, { id: string; deleteOnTermination: boolean }[]>
  tags: Map<string, string[]>
  /** host → UP, DOWN, MAINTENANCE, UNKNOWN */
  hostStatus: Map<string, string> | null
  /** project and host → hostId: hashed once an answer */
  hostIds: Map<string, string>
  extraSpecs: boolean
  extended: boolean
  admin: boolean
}

export async function serverParts(ctx: Context, rows: Pick<ServerRow, 'id' | 'project_id' | 'user_id'>[]): Promise<ServerParts> {
  const since = (version: string) => ctx.microversion.atLeast(version)
  const ids = rows.map((row) => row.id)
  const own = rows.length === 1 && rows[0] ? { project_id: rows[0].project_id, user_id: rows[0].user_id } : undefined
  const showsHosts = since('2.16') && ctx.allows(own, 'os_compute_api:servers:show:host_status')
  return {
    ports: ids.length === 0 ? new Map() : await portsOfServers(ctx, ids),
    volumes: await volumesOfServers(ctx.db, ids),
    tags: since('2.26') ? await tagsOf(ctx.db, ids) : new Map(),
    hostIds: new Map(),
    hostStatus: showsHosts ? await hostStatuses(ctx) : null,
    extraSpecs: since('2.47') && ctx.allows(own, 'os_compute_api:servers:show:flavor-extra-specs'),
    extended: ctx.allows(own, 'os_compute_api:os-extended-server-attributes'),
    admin: ctx.allows({}, 'context_is_admin'),
  }
}

async function hostStatuses(ctx: Context): Promise<Map<string, string>> {
  const facts = await hostFacts(ctx)
  return new Map(
    facts.map(({ node, service, alive }) => [
      node.host,
      service.forced_down ? 'DOWN' : service.disabled ? 'MAINTENANCE' : alive ? 'UP' : 'UNKNOWN',
    ]),
  )
}
