// What a subnet may be: prefix, gateway, pools, IPv6 modes. Pure: numbers in, the checked form or a 400 out.
import { badRequest, conflict, type ApiError } from '../../platform/errors.ts'
import {
  cidrsOverlap,
  formatCidr,
  formatIp,
  mergeRanges,
  parseCidr,
  parseIp,
  rangeContains,
  rangeHas,
  rangesOverlap,
  subtractRanges,
  type Cidr,
  type Range,
} from '../addresses/addresses.ts'
import { invalidInput } from '../faults.ts'
import type { Pool, Ipv6Mode } from '../store/tables.ts'

const maxNameservers = 5
const maxHostRoutes = 20

export function cidrCheck(text: string, wanted: { ip_version: 4 | 6; enable_dhcp: boolean }): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw badRequest(`Invalid CIDR ${text} given as IP prefix.`, { type: 'InvalidCIDR' })
  if (cidr.version !== wanted.ip_version)
    throw invalidInput(`cidr '${formatCidr(cidr)}' does not match the ip_version '${wanted.ip_version}'`)
  if (cidr.length === 0) throw invalidInput('0 is not allowed as CIDR prefix length')
  if (wanted.enable_dhcp) dhcpCheck(cidr)
  return cidr
}

/** DHCP needs room for itself and a guest, on a network that unicast reaches. */
export function dhcpCheck(cidr: Cidr): void {
  const longest = cidr.version === 4 ? 30 : 126
  if (cidr.length > longest) throw invalidInput('Subnet has a prefix length that is incompatible with DHCP service enabled')
  const multicast = cidr.version === 4 ? cidr.first >> 28n === 0xen : cidr.first >> 120n === 0xffn
  if (multicast) throw invalidInput('Multicast IP subnet is not supported if enable_dhcp is True')
  const loopback = cidr.version === 4 ? cidr.first >> 24n === 127n : cidr.first === 1n
  if (loopback) throw invalidInput('Loopback IP subnet is not supported if enable_dhcp is True')
}

/**
 * The gateway as it will be: asked for, none (null), or by default the first address behind the network's own; that itself
 * for IPv6, unless a pool chose the prefix. Of a prefix of one address it lies outside, as Neutron has it.
 */
export function gatewayCheck(cidr: Cidr, asked: string | null | undefined, isChosen = false): string | null {
  if (asked === null) return null
  if (asked === undefined) return formatIp(cidr.version, cidr.version === 6 && !isChosen ? cidr.first : cidr.first + 1n)
  const ip = parseIp(asked)
  if (!ip || ip.version !== cidr.version) throw invalidInput(`gateway_ip '${asked}' does not match the ip_version '${cidr.version}'`)
  const reserved = cidr.version === 4 && cidr.length < 31 && (ip.value === cidr.first || ip.value === cidr.last)
  if (reserved) throw invalidInput('Gateway is not valid on subnet')
  return asked
}

/** Everything that a host may have: without network, broadcast and gateway. */
export function defaultPools(cidr: Cidr, gateway: string | null): Pool[] {
  if (cidr.first === cidr.last) return [{ start: formatIp(cidr.version, cidr.first), end: formatIp(cidr.version, cidr.first) }]
  const small = cidr.version === 4 && cidr.last - cidr.first === 1n
  const range = small
    ? { first: cidr.first, last: cidr.last }
    : { first: cidr.first + 1n, last: cidr.version === 4 ? cidr.last - 1n : cidr.last }
  const gatewayValue = gateway === null ? null : parseIp(gateway)?.value
  const taken = gatewayValue === null || gatewayValue === undefined ? [] : [{ first: gatewayValue, last: gatewayValue }]
  return subtractRanges([range], taken).map(({ first, last }) => ({
    start: formatIp(cidr.version, first),
    end: formatIp(cidr.version, last),
  }))
}

const poolText = (pool: Pool) => `${pool.start}-${pool.end}`

/** Pools lie in the prefix, do not overlap and leave the gateway out; adjacent ones stay as given. */
export function poolsCheck(cidr: Cidr, pools: Pool[], gateway: string | null): Pool[] {
  const ranges: Range[] = []
  for (const pool of pools) {
    const [start, end] = [parseIp(pool.start), parseIp(pool.end)]
    if (!start || !end || start.version !== cidr.version || end.version !== cidr.version || end.value < start.value) {
      throw badRequest(`The allocation pool {'start': '${pool.start}', 'end': '${pool.end}'} is not valid.`, {
        type: 'InvalidAllocationPool',
      })
    }
    const range = { first: start.value, last: end.value }
    const usable = cidr.last - cidr.first <= 1n || cidr.version === 6 ? cidr : { first: cidr.first + 1n, last: cidr.last - 1n }
    if (!rangeContains(usable, range)) throw outOfBounds(pool, cidr)
    for (const [index, other] of ranges.entries()) {
      if (rangesOverlap(range, other)) {
        throw conflict(
          `Found overlapping allocation pools: ${poolText(pools[index] as Pool)} ${poolText(pool)} for subnet ${formatCidr(cidr)}.`,
          { type: 'OverlappingAllocationPools' },
        )
      }
    }
    ranges.push(range)
  }
  gatewayOutOfPools(pools, gateway)
  return pools
}

const outOfBounds = (pool: Pool, cidr: Cidr): ApiError =>
  badRequest(`The allocation pool ${poolText(pool)} spans beyond the subnet cidr ${formatCidr(cidr)}.`, {
    type: 'OutOfBoundsAllocationPool',
  })

export function gatewayOutOfPools(pools: Pool[], gateway: string | null): void {
  const value = gateway === null ? null : (parseIp(gateway)?.value ?? null)
  if (value === null) return
  const hit = pools.find(({ start, end }) => rangeHas({ first: parseIp(start)?.value ?? 1n, last: parseIp(end)?.value ?? 0n }, value))
  if (hit)
    throw conflict(`Gateway ip ${gateway} conflicts with allocation pool ${poolText(hit)}.`, { type: 'GatewayConflictWithAllocationPools' })
}

export interface Ipv6Modes {
  ip_version: 4 | 6
  enable_dhcp: boolean
  ipv6_ra_mode: Ipv6Mode | null
  ipv6_address_mode: Ipv6Mode | null
}

export function ipv6ModesCheck(modes: Ipv6Modes, cidr: Cidr): void {
  const { ipv6_ra_mode: ra, ipv6_address_mode: address } = modes
  if (ra === null && address === null) return
  if (modes.ip_version === 4) throw invalidInput(`${ra === null ? 'ipv6_address_mode' : 'ipv6_ra_mode'} is not valid when ip_version is 4`)
  if (!modes.enable_dhcp) throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False')
  if (ra !== null && address !== null && ra !== address) {
    throw invalidInput(
      `ipv6_ra_mode set to '${ra}' with ipv6_address_mode set to '${address}' is not valid. If both attributes are set, they must be the same value`,
    )
  }
  if ((address ?? ra) !== 'dhcpv6-stateful' && cidr.length !== 64) {
    throw invalidInput(
      `Invalid CIDR ${formatCidr(cidr)} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64`,
    )
  }
}

export function listsCheck(
  version: 4 | 6,
  lists: { dns_nameservers?: string[]; host_routes?: { destination: string; nexthop: string }[] },
  subnetId = 'new subnet',
): void {
  const { dns_nameservers: servers = [], host_routes: routes = [] } = lists
  if (servers.length > maxNameservers) {
    throw badRequest(`Unable to complete operation for ${subnetId}. The number of DNS nameservers exceeds the limit ${maxNameservers}.`, {
      type: 'DNSNameServersExhausted',
    })
  }
  if (routes.length > maxHostRoutes) {
    throw badRequest(`Unable to complete operation for ${subnetId}. The number of host routes exceeds the limit ${maxHostRoutes}.`, {
      type: 'HostRoutesExhausted',
    })
  }
  for (const { destination, nexthop } of routes) {
    if (parseIp(nexthop)?.version !== version) throw invalidInput(`nexthop '${nexthop}' does not match the ip_version '${version}'`)
    if (parseCidr(destination)?.version !== version)
      throw invalidInput(`destination '${destination}' does not match the ip_version '${version}'`)
  }
}

export function overlapCheck(cidr: Cidr, networkId: string, others: { id: string; cidr: string }[]): void {
  for (const other of others) {
    const parsed = parseCidr(other.cidr)
    if (parsed && cidrsOverlap(cidr, parsed))
      throw invalidInput(`Requested subnet with cidr: ${formatCidr(cidr)} for network: ${networkId} overlaps with another subnet`)
  }
}

/** How many addresses pools hold. */
export const poolsTotal = (pools: Pool[]): bigint =>
  mergeRanges(pools.map(({ start, end }) => ({ first: parseIp(start)?.value ?? 0n, last: parseIp(end)?.value ?? -1n }))).reduce(
    (sum, { first, last }) => sum + last - first + 1n,
    0n,
  )
