// Small read-only collections: availability zones, service providers, IP availability, floating IP pools, flavors.
import { sql } from 'kysely'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { refuse } from '../api/permission.ts'
import { readListQuery } from '../api/query.ts'
import { ipAvailability } from '../ip-availability.ts'
import { networkNotFound } from '../faults.ts'
import { rowsList } from '../store/list.ts'
import { networkFetch, networkShape, sharedWith } from '../store/networks.ts'
import { subnetsOf } from '../store/subnets.ts'
import type { NetworkRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

const allow = (ctx: Context, rule: string, target?: Record<string, unknown>): void => {
  if (!ctx.allows(target, rule)) throw refuse(rule)
}

const zones = (ctx: Context) => (ctx.hosts.names().length === 0 ? [] : ['network', 'router'].map((resource) => ({ name: networkZone, resource, state: 'available' })))

/** Equality filters on items that are made rather than stored. */
function filtered(ctx: Context, request: ApiRequest, items: Record<string, unknown>[], names: string[]): Record<string, unknown>[] {
  const { filters, fields } = readListQuery(ctx, request, { filters: new Set(names), sorts: new Set(names) })
  const kept = items.filter((item) => [...filters].every(([name, values]) => values.includes(String(item[name]))))
  return fields.length === 0 ? kept : kept.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name))))
}

const networksFor = (ctx: Context, filters: Map<string, string[]>, visible: boolean): Promise<NetworkRow[]> =>
  rowsList<NetworkRow>(ctx.db, networkShape, {
    filters, sorts: [], limit: ctx.config.maxPageSize, projectId: ctx.actor.projectId,
    visible: visible ? null : sql`(networks.project_id = ${ctx.actor.projectId ?? ''} or ${sharedWith('network', 'networks.id', ctx.actor.projectId, ['access_as_shared', 'access_as_external'])})`,
  })

async function availabilities(ctx: Context, request: ApiRequest): Promise<unknown> {
  allow(ctx, 'get_network_ip_availability')
  const { filters } = readListQuery(ctx, request, { filters: new Set(['network_id', 'network_name', 'project_id', 'ip_version']), sorts: new Set() })
  const renamed = new Map([...filters].flatMap(([name, values]) => (name === 'ip_version' ? [] : [[name === 'network_id' ? 'id' : name === 'network_name' ? 'name' : name, values] as const])))
  const version = filters.get('ip_version')?.[0]
  return { network_ip_availabilities: await ipAvailability(ctx, await networksFor(ctx, renamed, true), version === '4' ? 4 : version === '6' ? 6 : null) }
}

/** The external subnets that floating IPs come from. */
async function pools(ctx: Context): Promise<Record<string, unknown>[]> {
  const external = await networksFor(ctx, new Map([['router:external', ['true']]]), ctx.allows({}, 'context_is_admin'))
  const subnets = (await subnetsOf(ctx.db, external.map(({ id }) => id))).filter(({ ip_version }) => ip_version === 4)
  return subnets.map((row) => ({ subnet_id: row.id, subnet_name: row.name, tenant_id: row.project_id, network_id: row.network_id, cidr: row.cidr, project_id: row.project_id }))
}

export const factOperations: Operation[] = [
  operation({
    method: 'GET', path: '/availability_zones', summary: 'List availability zones', policy: 'get_availability_zone', status: 200,
    async handler(ctx, request) {
      allow(ctx, 'get_availability_zone')
      return { availability_zones: filtered(ctx, request, zones(ctx), ['name', 'resource', 'state']) }
    },
  }),
  operation({
    method: 'GET', path: '/service-providers', summary: 'List service providers', policy: 'get_service_provider', status: 200,
    async handler(ctx, request) {
      allow(ctx, 'get_service_provider')
      return { service_providers: filtered(ctx, request, [{ service_type: 'L3_ROUTER_NAT', name: 'single_node', default: true }], ['service_type', 'name', 'default']) }
    },
  }),
  operation({ method: 'GET', path: '/network-ip-availabilities', summary: 'List IP availability of networks', policy: 'get_network_ip_availability', status: 200, handler: availabilities }),
  operation({
    method: 'GET', path: '/network-ip-availabilities/:id', summary: 'Show IP availability of a network', policy: 'get_network_ip_availability', status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_network_ip_availability')
      const network = await networkFetch(ctx.db, params['id'] ?? '')
      if (!network) throw networkNotFound(params['id'] ?? '')
      return { network_ip_availability: (await ipAvailability(ctx, [network], null))[0] }
    },
  }),
  operation({
    method: 'GET', path: '/floatingip_pools', summary: 'List floating IP pools', policy: 'get_floatingip_pool', status: 200,
    async handler(ctx, request) {
      allow(ctx, 'get_floatingip_pool')
      return { floatingip_pools: filtered(ctx, request, await pools(ctx), ['subnet_id', 'subnet_name', 'network_id', 'cidr', 'project_id']) }
    },
  }),
]
