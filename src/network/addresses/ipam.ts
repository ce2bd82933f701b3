// Gives addresses to ports: those that were asked for, or free ones. Choosing and taking is one insert in the port's
// own transaction, so that no two ports can have an address. Random within the pools, as Neutron's is, so that an
// address that was just given back is not met again at once; the first free one for DHCP and router ports.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import { eui64, formatIp, parseCidr, parseIp, rangeHas, rangeSize, type Cidr, type Range } from './addresses.ts'
import { invalidInput, ipInUse, subnetNotFound } from '../faults.ts'
import { addressesOfSubnet, allocationGap, allocationInsert } from './allocations.store.ts'
import type { IpAllocationRow, SubnetRow } from '../store/tables.ts'

export interface FixedIpRequest {
  subnet_id?: string
  ip_address?: string
}

export interface AllocationRequest {
  portId: string
  networkId: string
  mac: string
  deviceOwner: string
  subnets: SubnetRow[]
  /** undefined: an address of each family */
  fixedIps: FixedIpRequest[] | undefined
  /** where each of them stands in the port's list; undefined: as they come */
  places?: number[]
  /** addresses that the port has already and keeps */
  kept?: IpAllocationRow[]
  /** the port shall have none at all, not even those that guests make themselves */
  isEmptied?: boolean
}

export interface Pooled {
  subnet: SubnetRow
  cidr: Cidr
  pools: Range[]
}

const routerOwners = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
  'network:router_gateway',
  'network:router_centralized_snat',
])
const orderlyOwners = new Set([...routerOwners, 'network:dhcp', 'network:floatingip'])

export const isRouterPort = (deviceOwner: string): boolean => routerOwners.has(deviceOwner)

/** Guests make their own address in this subnet from their MAC. */
export const isAutoAddress = (subnet: SubnetRow): boolean =>
  subnet.ipv6_address_mode === 'slaac' || subnet.ipv6_address_mode === 'dhcpv6-stateless'

export function pooled(subnet: SubnetRow): Pooled {
  const cidr = parseCidr(subnet.cidr)
  if (!cidr) throw new Error(`the subnet ${subnet.id} has no CIDR`)
  const pools = subnet.allocation_pools.map(({ start, end }) => ({
    first: parseIp(start)?.value ?? 0n,
    last: parseIp(end)?.value ?? -1n,
  }))
  return { subnet, cidr, pools }
}

/** Allocates addresses for the port; the rows are in the store when it returns. */
export async function addressesAllocate(tx: Context, request: AllocationRequest): Promise<IpAllocationRow[]> {
  const { deviceOwner, fixedIps } = request
  const fitting = request.subnets.filter((subnet) => fitsService(subnet, deviceOwner)).map(pooled)
  const taker = new Taker(tx, request)
  const isRouter = routerOwners.has(deviceOwner)
  const wishes = (fixedIps ?? []).map((wanted, index) => ({ wanted, place: request.places?.[index] ?? index }))
  // addresses that were named first: a free one must not be one of them
  const isNamed = ({ wanted }: (typeof wishes)[number]) => wanted.ip_address !== undefined
  for (const { wanted, place } of [...wishes.filter(isNamed), ...wishes.filter((wish) => !isNamed(wish))])
    await allocateWanted(taker.at(place), request, wanted)
  const places = [...wishes.map(({ place }) => place), ...(request.kept ?? []).map(({ ordinal }) => ordinal)]
  taker.at(Math.max(-1, ...places) + 1)
  if (fixedIps === undefined) {
    if (request.subnets.length > 0 && fitting.length === 0) {
      throw conflict(`No valid service subnet for the given device owner, network ${request.networkId}, service type ${deviceOwner}.`, {
        type: 'IpAddressGenerationFailureNoMatchingSubnet',
      })
    }
    for (const version of [4, 6] as const) {
      const family = fitting.filter(({ subnet }) => subnet.ip_version === version && (isRouter || !isAutoAddress(subnet)))
      if (family.length > 0) await allocateAny(taker, request.networkId, family)
    }
  }
  // an address that the guest makes by itself belongs to the port, whatever was asked for beside it
  const isEmptied = request.isEmptied ?? fixedIps?.length === 0
  if (!isRouter && !isEmptied) {
    for (const one of fitting.filter(({ subnet }) => isAutoAddress(subnet))) {
      if (!taker.has(one.subnet.id)) await taker.takeGiven(one, eui64(one.cidr, request.mac))
    }
  }
  return taker.taken
}

const fitsService = ({ service_types: types }: SubnetRow, deviceOwner: string): boolean => types.length === 0 || types.includes(deviceOwner)

async function allocateWanted(taker: Taker, request: AllocationRequest, wanted: FixedIpRequest): Promise<void> {
  const one = wantedSubnet(request, wanted)
  if (!one) {
    const family = request.subnets.map(pooled).filter(({ subnet }) => subnet.ip_version === 4)
    return allocateAny(taker, request.networkId, family)
  }
  const isAuto = isAutoAddress(one.subnet) && !routerOwners.has(request.deviceOwner)
  const own = isAuto ? eui64(one.cidr, request.mac) : null
  if (wanted.ip_address === undefined) {
    if (own !== null) return taker.takeGiven(one, own)
    return allocateAny(taker, request.networkId, [one])
  }
  const value = parseIp(wanted.ip_address)?.value ?? -1n
  if (own !== null && value !== own) {
    throw badRequest(
      `IPv6 address ${wanted.ip_address} cannot be directly assigned to a port on subnet ${one.subnet.id} as the subnet is configured for automatic addresses`,
      { type: 'AllocationOnAutoAddressSubnet' },
    )
  }
  return taker.takeGiven(one, value)
}

/** The subnet that a request names, or that its address lies in; null when it names neither. */
function wantedSubnet({ subnets, networkId }: AllocationRequest, wanted: FixedIpRequest): Pooled | null {
  if (wanted.subnet_id !== undefined) {
    const subnet = subnets.find(({ id }) => id === wanted.subnet_id)
    if (!subnet) throw subnetNotFound(wanted.subnet_id)
    const one = pooled(subnet)
    if (wanted.ip_address !== undefined && !isUsable(one.cidr, wanted.ip_address)) {
      throw badRequest(`IP address ${wanted.ip_address} is not a valid IP for the specified subnet.`, { type: 'InvalidIpForSubnet' })
    }
    return one
  }
  const { ip_address: address } = wanted
  if (address === undefined) return null
  const one = subnets.map(pooled).find(({ cidr }) => isUsable(cidr, address))
  if (!one)
    throw badRequest(`IP address ${address} is not a valid IP for any of the subnets on the specified network.`, {
      type: 'InvalidIpForNetwork',
      cause: networkId,
    })
  return one
}

/** In the prefix, and neither its network nor (IPv4) its broadcast address, except in the smallest prefixes. */
export function isUsable(cidr: Cidr, address: string): boolean {
  const ip = parseIp(address)
  if (!ip || ip.version !== cidr.version || !rangeHas(cidr, ip.value)) return false
  const small = cidr.last - cidr.first <= 1n
  if (small) return true
  return cidr.version === 6 ? true : ip.value !== cidr.first && ip.value !== cidr.last
}

async function allocateAny(taker: Taker, networkId: string, family: Pooled[]): Promise<void> {
  for (const one of family) if (await taker.takeFree(one)) return
  throw conflict(`No more IP addresses available on network ${networkId}.`, { type: 'IpAddressGenerationFailure' })
}

const wideTries = 16

class Taker {
  readonly taken: IpAllocationRow[] = []
  #tx: Context
  #request: AllocationRequest
  /** of the next address in the port's list */
  #place = 0
  constructor(tx: Context, request: AllocationRequest) {
    this.#tx = tx
    this.#request = request
  }

  /** Sets the place of the next address in the port's list; further addresses follow it. */
  at(place: number): this {
    this.#place = place
    return this
  }

  has(subnetId: string): boolean {
    return [...this.taken, ...(this.#request.kept ?? [])].some((row) => row.subnet_id === subnetId)
  }

  /** Takes that very address or refuses with 409. */
  async takeGiven(one: Pooled, value: bigint): Promise<void> {
    const row = this.#row(one, value)
    const mine = this.taken.some((other) => other.subnet_id === row.subnet_id && other.ip_address === row.ip_address)
    if (mine) throw invalidInput(`Duplicate IP address '${row.ip_address}'`)
    if (!(await allocationInsert(this.#tx.db, row))) throw ipInUse(row.ip_address, row.subnet_id)
    this.#took(row)
  }

  /** Takes a free address of the pools; false when there is none. */
  async takeFree(one: Pooled): Promise<boolean> {
    const start = orderlyOwners.has(this.#request.deviceOwner) ? 0n : randomBelow(this.#tx, poolsSize(one.pools))
    const wide = one.cidr.last - one.cidr.first > BigInt(Number.MAX_SAFE_INTEGER)
    return wide ? this.#takeWide(one, start) : this.#takeCounted(one, start)
  }

  /** A few tries find a free one, unless the pools are small or nearly full: then those in use are gone through. */
  async #takeWide(one: Pooled, start: bigint): Promise<boolean> {
    const size = poolsSize(one.pools)
    for (let tried = 0n; tried < wideTries && tried < size; tried++) {
      const at = start === 0n ? tried : randomBelow(this.#tx, size)
      if (await this.#try(one, poolAt(one.pools, at))) return true
    }
    const taken = await addressesOfSubnet(this.#tx.db, one.subnet.id)
    for (let step = 0n; step < size; step++) {
      const value = poolAt(one.pools, (start + step) % size)
      if (!taken.has(formatIp(one.cidr.version, value)) && (await this.#try(one, value))) return true
    }
    return false
  }

  /** Tries one, then the first free one behind it, round the pools: two statements, however full they are. */
  async #takeCounted(one: Pooled, start: bigint): Promise<boolean> {
    if (poolsSize(one.pools) === 0n) return false
    const first = poolAt(one.pools, start)
    if (await this.#try(one, first)) return true
    const at = one.pools.findIndex((pool) => rangeHas(pool, first))
    const order = [...one.pools.slice(at), ...one.pools.slice(0, at + 1)]
    for (const [index, pool] of order.entries()) {
      const from = index === 0 ? first : pool.first
      const to = index === order.length - 1 ? first : pool.last
      if (index > 0 && (await this.#try(one, from))) return true
      const gap = await allocationGap(this.#tx.db, one.subnet.id, { from: Number(from - one.cidr.first), to: Number(to - one.cidr.first) })
      if (gap !== null && (await this.#try(one, one.cidr.first + BigInt(gap)))) return true
    }
    return false
  }

  async #try(one: Pooled, value: bigint): Promise<boolean> {
    const row = this.#row(one, value)
    if (!(await allocationInsert(this.#tx.db, row))) return false
    this.#took(row)
    return true
  }

  #took(row: IpAllocationRow): void {
    this.taken.push(row)
    this.taken.sort((a, b) => a.ordinal - b.ordinal)
    this.#place++
  }

  #row({ subnet, cidr }: Pooled, value: bigint): IpAllocationRow {
    const offset = value - cidr.first
    const position = cidr.last - cidr.first > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(offset)
    return {
      subnet_id: subnet.id,
      ip_address: formatIp(cidr.version, value),
      position,
      port_id: this.#request.portId,
      network_id: this.#request.networkId,
      ordinal: this.#place,
    }
  }
}

const poolsSize = (pools: Range[]): bigint => pools.reduce((sum, pool) => sum + rangeSize(pool), 0n)

/** The n-th address of the pools. */
function poolAt(pools: Range[], n: bigint): bigint {
  let left = n
  for (const pool of pools) {
    if (left < rangeSize(pool)) return pool.first + left
    left -= rangeSize(pool)
  }
  throw new Error('beyond the pools')
}

function randomBelow(ctx: Context, limit: bigint): bigint {
  if (limit <= 1n) return 0n
  if (limit <= 0x40000000n) return BigInt(Math.floor(ctx.ids.fraction() * Number(limit)))
  return BigInt(`0x${ctx.ids.bytes(16).toString('hex')}`) % limit
}
