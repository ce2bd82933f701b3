// Cuts a subnet's prefix out of a pool: the one asked for, or the first free one of the length asked for.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import {
  formatCidr,
  parseCidr,
  rangeContains,
  rangesOverlap,
  rangeToCidrs,
  subtractRanges,
  type Cidr,
  type IpVersion,
} from '../addresses/addresses.ts'
import { subnetpoolRows } from './store.ts'
import { subnetsOfPool } from '../subnets/store.ts'
import type { SubnetpoolRow } from '../store/tables.ts'

export interface Cut {
  project_id: string
  ip_version: IpVersion
  subnetpool_id?: string | null
  use_default_subnetpool?: boolean
  cidr?: string | null
  prefixlen?: number
  /** says where the prefix lies when no CIDR does */
  gateway_ip?: string | null
}

export const subnetpoolNotFound = (id: string) => notFound(`Subnet pool ${id} could not be found.`, { type: 'SubnetPoolNotFound' })

const parsed = (texts: string[]): Cidr[] => texts.flatMap((text) => parseCidr(text) ?? [])

export async function subnetpoolCut(tx: Context, cut: Cut): Promise<{ cidr: string; subnetpoolId: string }> {
  const pool = await poolOf(tx, cut)
  if (pool.ip_version !== cut.ip_version)
    throw badRequest(`Bad subnets request: Cannot allocate IPv${cut.ip_version} subnet from IPv${pool.ip_version} subnet pool.`, {
      type: 'BadRequest',
    })
  const taken = parsed((await subnetsOfPool(tx.db, pool.id)).map(({ cidr }) => cidr))
  const length = cut.prefixlen ?? pool.default_prefixlen
  const asked = cut.cidr ?? (cut.gateway_ip ? `${cut.gateway_ip}/${length}` : null)
  const cidr = asked === null ? firstFree(pool, length, taken) : given(pool, asked, taken)
  await quotaCheck(tx, pool, cut.project_id, cidr)
  return { cidr: formatCidr(cidr), subnetpoolId: pool.id }
}

async function poolOf(tx: Context, cut: Cut): Promise<SubnetpoolRow> {
  if (!cut.subnetpool_id) {
    const pool = await subnetpoolRows.first(tx.db, { is_default: true, ip_version: cut.ip_version })
    if (!pool) throw badRequest(`Bad subnets request: No default subnetpool found for IPv${cut.ip_version}.`, { type: 'BadRequest' })
    return pool
  }
  const pool = await subnetpoolRows.fetch(tx.db, cut.subnetpool_id)
  if (!pool) throw subnetpoolNotFound(cut.subnetpool_id)
  return pool
}

function boundsCheck(pool: SubnetpoolRow, length: number): void {
  if (length < pool.min_prefixlen)
    throw badRequest(`Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${pool.min_prefixlen}.`, {
      type: 'MinPrefixSubnetAllocationError',
    })
  if (length > pool.max_prefixlen)
    throw badRequest(`Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${pool.max_prefixlen}.`, {
      type: 'MaxPrefixSubnetAllocationError',
    })
}

const allocationError = (reason: string) => conflict(`Failed to allocate subnet: ${reason}.`, { type: 'SubnetAllocationError' })

function given(pool: SubnetpoolRow, text: string, taken: Cidr[]): Cidr {
  const [cidr] = parsed([text])
  if (!cidr || cidr.version !== pool.ip_version) throw badRequest(`Invalid CIDR ${text} given as IP prefix.`, { type: 'InvalidCIDR' })
  boundsCheck(pool, cidr.length)
  const inside = parsed(pool.prefixes).some((prefix) => rangeContains(prefix, cidr))
  if (!inside || taken.some((other) => rangesOverlap(other, cidr)))
    throw allocationError('Cannot allocate requested subnet from the available set of prefixes')
  return cidr
}

function firstFree(pool: SubnetpoolRow, length: number, taken: Cidr[]): Cidr {
  boundsCheck(pool, length)
  const free = subtractRanges(parsed(pool.prefixes), taken).flatMap((range) => rangeToCidrs(pool.ip_version, range))
  // the smallest piece that fits: large ones stay whole
  const [piece] = free.filter((candidate) => candidate.length <= length).sort((a, b) => b.length - a.length)
  const cidr = piece && parseCidr(`${formatCidr(piece).split('/')[0]}/${length}`)
  if (!cidr) throw allocationError('Insufficient prefix space to allocate subnet size /' + length)
  return cidr
}

/** A pool's quota counts addresses (IPv4) or /64 prefixes (IPv6) of one project. */
async function quotaCheck(tx: Context, pool: SubnetpoolRow, projectId: string, wanted: Cidr): Promise<void> {
  if (pool.default_quota === null) return
  const size = (cidr: Cidr): bigint => (cidr.version === 4 ? 1n << BigInt(32 - cidr.length) : 1n << BigInt(Math.max(64 - cidr.length, 0)))
  const used = parsed((await subnetsOfPool(tx.db, pool.id, projectId)).map(({ cidr }) => cidr)).reduce((sum, cidr) => sum + size(cidr), 0n)
  if (used + size(wanted) > BigInt(pool.default_quota))
    throw conflict('Per-tenant subnet pool prefix quota exceeded.', { type: 'SubnetPoolQuotaExceeded' })
}
