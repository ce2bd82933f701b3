// Small read-only collections: availability zones, service providers, IP availability, floating IP pools, flavors.
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { refuse } from '../api/permission.ts'
import { readListQuery } from '../api/query.ts'
import { externalSubnets, ipAvailabilities, ipAvailabilityOf } from '../addresses/availability.ts'
import type { ListColumn } from '../store/list.ts'
import { networkZone } from '../zones.ts'

const allow = (ctx: Context, rule: string, target?: Record<string, unknown>): void => {
  if (!ctx.allows(target, rule)) throw refuse(rule)
}

const zones = (ctx: Context) =>
  ctx.hosts.names().length === 0 ? [] : ['network', 'router'].map((resource) => ({ name: networkZone, resource, state: 'available' }))

/** The kinds of router that Neutron's own L3 plugin offers: each can be made here, and is made on one host. */
const providers = ['single_node', 'dvr', 'dvrha', 'ha'].map((name) => ({
  service_type: 'L3_ROUTER_NAT',
  name,
  default: name === 'single_node',
}))

const columns = (names: string[]): Record<string, ListColumn> =>
  Object.fromEntries(names.map((name) => [name, { column: name, kind: 'text' as const }]))

/** Equality filters on items that are made rather than stored. */
function filterItems(ctx: Context, request: ApiRequest, items: Record<string, unknown>[], names: string[]): Record<string, unknown>[] {
  const { filters, fields } = readListQuery(ctx, request, { columns: columns(names) })
  const kept = items.filter((item) => [...filters].every(([name, values]) => values.includes(String(item[name]))))
  return fields.length === 0 ? kept : kept.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name))))
}

const poolView = (row: { id: string; name: string; project_id: string; network_id: string; cidr: string }) => ({
  subnet_id: row.id,
  subnet_name: row.name,
  tenant_id: row.project_id,
  network_id: row.network_id,
  cidr: row.cidr,
  project_id: row.project_id,
})

const asked = ['network_id', 'network_name', 'project_id', 'ip_version']

async function availabilities(ctx: Context, request: ApiRequest): Promise<unknown> {
  allow(ctx, 'get_network_ip_availability')
  const { filters } = readListQuery(ctx, request, { columns: columns(asked) })
  return { network_ip_availabilities: await ipAvailabilities(ctx, filters) }
}

export const factOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/availability_zones',
    summary: 'List availability zones',
    policy: 'get_availability_zone',
    status: 200,
    async handler(ctx, request) {
      allow(ctx, 'get_availability_zone')
      return { availability_zones: filterItems(ctx, request, zones(ctx), ['name', 'resource', 'state']) }
    },
  }),
  operation({
    method: 'GET',
    path: '/service-providers',
    summary: 'List service providers',
    policy: 'get_service_provider',
    status: 200,
    async handler(ctx, request) {
      allow(ctx, 'get_service_provider')
      return { service_providers: filterItems(ctx, request, providers, ['service_type', 'name', 'default']) }
    },
  }),
  operation({
    method: 'GET',
    path: '/network-ip-availabilities',
    summary: 'List IP availability of networks',
    policy: 'get_network_ip_availability',
    status: 200,
    handler: availabilities,
  }),
  operation({
    method: 'GET',
    path: '/network-ip-availabilities/:id',
    summary: 'Show IP availability of a network',
    policy: 'get_network_ip_availability',
    status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_network_ip_availability')
      return { network_ip_availability: await ipAvailabilityOf(ctx, params['id'] ?? '') }
    },
  }),
  // Neutron's collections have hyphens in their paths; its reference shows this one without
  ...['/floatingip_pools', '/floatingip-pools'].map((path) =>
    operation({
      method: 'GET',
      path,
      summary: 'List floating IP pools',
      policy: 'get_floatingip_pool',
      status: 200,
      async handler(ctx, request) {
        allow(ctx, 'get_floatingip_pool')
        return {
          floatingip_pools: filterItems(ctx, request, (await externalSubnets(ctx)).map(poolView), [
            'subnet_id',
            'subnet_name',
            'network_id',
            'cidr',
            'project_id',
          ]),
        }
      },
    }),
  ),
]
