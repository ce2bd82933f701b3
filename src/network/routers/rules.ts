// What a router may be connected to: prefixes that do not overlap, next hops that it can reach.
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { cidrsOverlap, parseCidr, parseIp, rangeHas } from '../addresses/addresses.ts'
import { routerAddresses } from './store.ts'
import type { Route } from '../store/tables.ts'

export const badRouter = (reason: string) => badRequest(`Bad router request: ${reason}.`, { type: 'BadRequest' })

const maxRoutes = 30

/** Refuses a subnet that the router is on already, or whose prefix overlaps with one that it is on. */
export async function overlapWithRouterCheck(tx: Context, routerId: string, subnet: { id: string; cidr: string }): Promise<void> {
  const cidr = parseCidr(subnet.cidr)
  for (const other of await routerAddresses(tx.db, [routerId])) {
    if (other.subnet_id === subnet.id) throw badRouter(`Router already has a port on subnet ${subnet.id}`)
    const otherCidr = parseCidr(other.cidr)
    if (cidr && otherCidr && cidrsOverlap(cidr, otherCidr))
      throw badRouter(`Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.subnet_id}`)
  }
}

const shownRoutes = (routes: Route[]) =>
  `[${routes.map(({ destination, nexthop }) => `{'destination': '${destination}', 'nexthop': '${nexthop}'}`).join(', ')}]`

/** Next hops lie on the router's own networks, and are not the router itself. */
export async function routesCheck(tx: Context, routerId: string, routes: Route[]): Promise<void> {
  if (routes.length > maxRoutes)
    throw badRequest(`Unable to complete operation for ${routerId}. The number of routes exceeds the maximum ${maxRoutes}.`, {
      type: 'RoutesExhausted',
    })
  if (routes.length === 0) return
  const own = await routerAddresses(tx.db, [routerId])
  const refuse = (reason: string) => badRequest(`Invalid format for routes: ${shownRoutes(routes)}, ${reason}`, { type: 'InvalidRoutes' })
  for (const { destination, nexthop } of routes) {
    const hop = parseIp(nexthop)
    const isConnected = own.some(({ cidr }) => {
      const parsed = parseCidr(cidr)
      return hop && parsed && parsed.version === hop.version && rangeHas(parsed, hop.value)
    })
    if (!hop || parseCidr(destination)?.version !== hop.version || !isConnected) throw refuse('the nexthop is not connected with router')
    if (own.some(({ ip_address }) => ip_address === nexthop)) throw refuse('the nexthop is used by router')
  }
}

/** Whether a route goes by way of the prefix. */
export const isRouted = (routes: Route[], cidrText: string): boolean => {
  const cidr = parseCidr(cidrText)
  return routes.some(({ nexthop }) => {
    const hop = parseIp(nexthop)
    return hop && cidr && hop.version === cidr.version && rangeHas(cidr, hop.value)
  })
}
