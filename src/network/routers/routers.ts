// Routers: the logic. Interfaces are in interfaces.ts, the gateway in gateway.ts.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import type { Changed, Created } from '../api/attribute.ts'
import type { Resource } from '../api/resource.ts'
import { routerAttributes } from './attributes.ts'
import { routerNotFound } from '../faults.ts'
import { portDelete } from '../ports/ports.ts'
import { gatewaySet } from './gateway.ts'
import { routesCheck } from './rules.ts'
import { allocationsOfPorts } from '../addresses/allocations.store.ts'
import { standardRow } from '../store/query.ts'
import { routerPortRows, routerCounts, routerRows, routerShape } from './store.ts'
import type { Route, IpAllocationRow, RouterRow } from '../store/tables.ts'
import { wakeHosts } from '../host/wake.ts'
import { zoneHintsCheck } from '../zones.ts'

type RouterAttributes = typeof routerAttributes
type RouterValues = Created<RouterAttributes>

/** Makes the router, with its gateway. Not authorised here. */
export async function routerCreate(tx: Context, values: RouterValues): Promise<RouterRow> {
  zoneHintsCheck(values.availability_zone_hints)
  const row: RouterRow = {
    ...standardRow(tx, values),
    admin_state_up: values.admin_state_up,
    status: 'ACTIVE',
    distributed: values.distributed ?? false,
    ha: values.ha ?? false,
    gateway_port_id: null,
    gateway_network_id: null,
    enable_snat: true,
    routes: [],
    availability_zone_hints: values.availability_zone_hints,
    host: await hostFor(tx),
    given_up: false,
  }
  await routerRows.insert(tx.db, row)
  if (values.external_gateway_info === null) return row
  await gatewaySet(tx, row, values.external_gateway_info)
  await wakeHosts(tx, [row.host])
  return (await routerRows.fetch(tx.db, row.id)) ?? row
}

/** The connected host with the fewest routers; '' as long as there is none. */
async function hostFor(tx: Context): Promise<string> {
  const names = tx.hosts.names()
  if (names.length <= 1) return names[0] ?? ''
  const counts = await routerCounts(tx.db)
  return names.reduce((best, name) => ((counts.get(name) ?? 0) < (counts.get(best) ?? 0) ? name : best))
}

/** A router that was taken from its agent finds a host again when it is changed. */
export async function routerHostAgain(tx: Context, row: RouterRow): Promise<string> {
  if (!row.given_up) return row.host
  const host = await hostFor(tx)
  await routerRows.update(tx.db, row.id, { given_up: false, host })
  return host
}

async function routerUpdate(tx: Context, row: RouterRow, values: Changed<RouterAttributes>): Promise<RouterRow> {
  typeCheck(row, values)
  const { external_gateway_info: gateway, distributed, ha, ...plain } = values
  if (gateway !== undefined) await gatewaySet(tx, row, gateway)
  if (plain.routes !== undefined) await routesCheck(tx, row.id, plain.routes)
  const host = await routerHostAgain(tx, row)
  const changed = await routerRows.change(tx, row.id, {
    ...plain,
    ...defined({ distributed: distributed ?? undefined, ha: ha ?? undefined }),
  })
  await wakeHosts(tx, [host])
  return changed
}

const same = (a: Route, b: Route) => a.destination === b.destination && a.nexthop === b.nexthop

/** Adds routes to those that are there, or takes some away, in one step. */
export async function routesUpdate(tx: Context, row: RouterRow, what: { add?: Route[]; remove?: Route[] }): Promise<RouterRow> {
  const named = [...(what.add ?? []), ...(what.remove ?? [])]
  const left = row.routes.filter((route) => !named.some((other) => same(route, other)))
  return routerUpdate(tx, row, { routes: [...left, ...(what.add ?? [])] })
}

/** A router changes its kind only while it is switched off. */
function typeCheck(row: RouterRow, { distributed, ha, admin_state_up: up }: Changed<RouterAttributes>): void {
  const isUp = row.admin_state_up && up !== false
  const changes = (wanted: boolean | null | undefined, held: boolean) => wanted !== undefined && wanted !== null && wanted !== held
  if (!isUp || (!changes(distributed, row.distributed) && !changes(ha, row.ha))) return
  throw badRequest(
    'Bad router request: Cannot change the type of an active router. Please set router admin_state_up to False prior to the change.',
    { type: 'BadRequest' },
  )
}

/** Deletes a router that has no interfaces, with its gateway. */
export async function routerDelete(tx: Context, row: RouterRow): Promise<void> {
  const ports = await routerPortRows.list(tx.db, { router_id: [row.id] })
  const interfaces = ports.filter(({ kind }) => kind === 'interface')
  if (interfaces.length > 0)
    throw conflict(
      `Router ${row.id} has ports still attached: ${interfaces
        .map(({ port_id }) => port_id)
        .sort()
        .join(', ')}`,
      { type: 'RouterInUse' },
    )
  await routerRows.delete(tx.db, row.id)
  for (const { port_id } of ports) await portDelete(tx, port_id)
  await wakeHosts(tx, [row.host])
}

export interface RouterFacts {
  gatewayAddresses: IpAllocationRow[]
}

export const routers: Resource<RouterRow, RouterFacts, RouterAttributes> = {
  name: 'router',
  attributes: routerAttributes,
  shape: routerShape,
  quota: 'router',
  missing: routerNotFound,
  async load(ctx, rows) {
    const gateways = rows.flatMap(({ gateway_port_id }) => gateway_port_id ?? [])
    const addresses = Map.groupBy(gateways.length === 0 ? [] : await allocationsOfPorts(ctx.db, gateways), ({ port_id }) => port_id)
    return rows.map((row) => ({ row, facts: { gatewayAddresses: addresses.get(row.gateway_port_id ?? '') ?? [] } }))
  },
  create: routerCreate,
  update: routerUpdate,
  delete: routerDelete,
}
