// Subnet pools: prefixes that subnets are cut from.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import { cidrsOverlap, formatCidr, mergeRanges, parseCidr, rangeContains, rangeToCidrs, type Cidr } from '../addresses/addresses.ts'
import { addressScopes } from '../address-scopes/address-scopes.ts'
import type { Changed, Created } from '../api/attribute.ts'
import { resourceFetch, type Resource } from '../api/resource.ts'
import { subnetpoolAttributes } from './attributes.ts'
import { invalidInput } from '../faults.ts'
import { loadShared, shareWithAll, type SharedFacts } from '../rbac-policies/shared.ts'
import { standardRow } from '../store/query.ts'
import { rbacRows } from '../rbac-policies/store.ts'
import { subnetpoolRows, subnetpoolShape } from './store.ts'
import { subnetsOfPool } from '../subnets/store.ts'
import type { SubnetpoolRow } from '../store/tables.ts'
import { subnetpoolNotFound } from './cut.ts'

type PoolAttributes = typeof subnetpoolAttributes
type PoolValues = Created<PoolAttributes>

const cidrs = (texts: string[]): Cidr[] => texts.flatMap((text) => parseCidr(text) ?? [])

/** Prefixes of one family, merged. */
function prefixesCheck(texts: string[]): { version: 4 | 6; prefixes: string[] } {
  const parsed = cidrs(texts)
  const [first] = parsed
  if (!first) throw badRequest('Empty subnet pool prefix list.', { type: 'EmptySubnetPoolPrefixList' })
  if (parsed.some(({ version }) => version !== first.version))
    throw badRequest('Cannot mix IPv4 and IPv6 prefixes in a subnet pool.', { type: 'PrefixVersionMismatch' })
  return {
    version: first.version,
    prefixes: mergeRanges(parsed)
      .flatMap((range) => rangeToCidrs(first.version, range))
      .map(formatCidr),
  }
}

interface Bounds {
  min: number
  max: number
  default: number
}

function boundsCheck(version: 4 | 6, bounds: Bounds): void {
  const refuse = (a: string, aValue: number, b: string, bValue: number) =>
    badRequest(`Illegal prefix bounds: ${a}=${aValue}, ${b}=${bValue}.`, { type: 'IllegalSubnetPoolPrefixBounds' })
  const longest = version === 4 ? 32 : 128
  const shortest = version === 4 ? 8 : 64
  if (bounds.max > longest) throw refuse('max_prefixlen', bounds.max, 'ip_version_max', longest)
  if (bounds.min > bounds.max) throw refuse('min_prefixlen', bounds.min, 'max_prefixlen', bounds.max)
  if (bounds.min < Math.min(shortest, 8))
    throw badRequest(`Prefix '${bounds.min}' not supported in IPv${version} pool.`, { type: 'UnsupportedMinSubnetPoolPrefix' })
  if (bounds.default < bounds.min) throw refuse('default_prefixlen', bounds.default, 'min_prefixlen', bounds.min)
  if (bounds.default > bounds.max) throw refuse('default_prefixlen', bounds.default, 'max_prefixlen', bounds.max)
}

/** Creates the pool. Not authorised here. */
export async function subnetpoolCreate(tx: Context, values: PoolValues): Promise<SubnetpoolRow> {
  const { version, prefixes } = prefixesCheck(values.prefixes)
  const min = values.min_prefixlen ?? (version === 4 ? 8 : 64)
  const bounds = { min, max: values.max_prefixlen ?? (version === 4 ? 32 : 128), default: values.default_prefixlen ?? min }
  boundsCheck(version, bounds)
  const row: SubnetpoolRow = {
    ...standardRow(tx, values),
    revision_number: 0,
    prefixes,
    ip_version: version,
    default_prefixlen: bounds.default,
    min_prefixlen: bounds.min,
    max_prefixlen: bounds.max,
    default_quota: values.default_quota ?? null,
    address_scope_id: values.address_scope_id ?? null,
    is_default: values.is_default,
  }
  await scopeCheck(tx, row)
  if (values.is_default) await onlyDefaultCheck(tx, row)
  await subnetpoolRows.insert(tx.db, row)
  if (values.shared) await scopeReachCheck(tx, row, '*')
  if (values.shared) await shareWithAll(tx, 'subnetpool', row)
  return row
}

async function onlyDefaultCheck(tx: Context, row: SubnetpoolRow): Promise<void> {
  const other = await subnetpoolRows.first(tx.db, { is_default: true, ip_version: row.ip_version })
  if (other && other.id !== row.id)
    throw badRequest(
      `Invalid input for operation: A default subnetpool for this IP family has already been set. Only one default may exist per IP family.`,
      { type: 'InvalidInput' },
    )
}

/** The scope must be of the pool's family and visible to the actor, and its other pools must not overlap this one. */
async function scopeCheck(tx: Context, row: SubnetpoolRow): Promise<void> {
  if (row.address_scope_id === null) return
  const { row: scope } = await resourceFetch(tx, addressScopes, row.address_scope_id)
  if (scope.ip_version !== row.ip_version) {
    throw badRequest(
      `Illegal subnetpool association: subnetpool ${row.id} cannot associate with address scope ${scope.id} because subnetpool ip_version is not ${scope.ip_version}.`,
      { type: 'IllegalSubnetPoolIpVersionAssociationToAddressScope' },
    )
  }
  const own = cidrs(row.prefixes)
  const others = (await subnetpoolRows.list(tx.db, { address_scope_id: scope.id }))
    .filter(({ id }) => id !== row.id)
    .flatMap(({ prefixes }) => cidrs(prefixes))
  if (own.some((prefix) => others.some((other) => cidrsOverlap(prefix, other)))) {
    throw conflict('Failed to associate address scope: subnetpools within an address scope must have unique prefixes.', {
      type: 'AddressScopePrefixConflict',
    })
  }
}

/** A pool may be shared only with projects that may use its address scope too. */
export async function scopeReachCheck(tx: Context, row: Pick<SubnetpoolRow, 'id' | 'address_scope_id'>, target: string): Promise<void> {
  if (row.address_scope_id === null) return
  const policies = await rbacRows.list(tx.db, { object_id: row.address_scope_id })
  if (policies.some(({ target_project }) => target_project === '*' || target_project === target)) return
  throw invalidInput(
    `Callback failed with "Failed to create RBAC policy on resource ${row.id} because of: target project doesn't have access to associated address scope."`,
  )
}

async function subnetpoolUpdate(tx: Context, row: SubnetpoolRow, values: Changed<PoolAttributes>): Promise<SubnetpoolRow> {
  const prefixes = values.prefixes === undefined ? row.prefixes : await newPrefixes(row, values.prefixes)
  const bounds = {
    min: values.min_prefixlen ?? row.min_prefixlen,
    max: values.max_prefixlen ?? row.max_prefixlen,
    default: values.default_prefixlen ?? row.default_prefixlen,
  }
  boundsCheck(row.ip_version, bounds)
  const next = {
    ...row,
    prefixes,
    address_scope_id: values.address_scope_id === undefined ? row.address_scope_id : values.address_scope_id,
  }
  if (values.address_scope_id !== undefined || values.prefixes !== undefined) await scopeCheck(tx, next)
  if (values.is_default === true) await onlyDefaultCheck(tx, row)
  return subnetpoolRows.change(tx, row.id, {
    ...values,
    prefixes: next.prefixes,
  })
}

async function newPrefixes(row: SubnetpoolRow, texts: string[]): Promise<string[]> {
  const { version, prefixes } = prefixesCheck(texts)
  const now = cidrs(prefixes)
  const kept = cidrs(row.prefixes).every((old) => now.some((prefix) => rangeContains(prefix, old)))
  if (version !== row.ip_version || !kept) {
    throw badRequest('Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.', {
      type: 'IllegalSubnetPoolPrefixUpdate',
    })
  }
  return prefixes
}

async function subnetpoolDelete(tx: Context, row: SubnetpoolRow): Promise<void> {
  if ((await subnetsOfPool(tx.db, row.id)).length > 0)
    throw badRequest('Unable to delete subnet pool: Subnet pool has existing allocations.', { type: 'SubnetPoolDeleteError' })
  await rbacRows.delete(tx.db, { object_id: row.id })
  await subnetpoolRows.delete(tx.db, row.id)
}

export const subnetpools: Resource<SubnetpoolRow, SharedFacts, PoolAttributes> = {
  name: 'subnetpool',
  attributes: subnetpoolAttributes,
  shape: subnetpoolShape,
  quota: 'subnetpool',
  missing: subnetpoolNotFound,
  load: (ctx, rows) => loadShared(ctx, rows),
  create: subnetpoolCreate,
  update: subnetpoolUpdate,
  delete: subnetpoolDelete,
}

/** Prefixes come to a pool, or leave it where no subnet was cut from them. */
export async function prefixesUpdate(tx: Context, row: SubnetpoolRow, what: { add?: string[]; remove?: string[] }): Promise<string[]> {
  const held = row.prefixes
  if (what.add) {
    const { version, prefixes } = prefixesCheck([...held, ...what.add])
    if (version !== row.ip_version)
      throw badRequest('Cannot mix IPv4 and IPv6 prefixes in a subnet pool.', { type: 'PrefixVersionMismatch' })
    await scopeCheck(tx, { ...row, prefixes })
    await subnetpoolRows.change(tx, row.id, { prefixes })
    return prefixes
  }
  const gone = new Set(cidrs(what.remove ?? []).map(formatCidr))
  const left = held.filter((prefix) => !gone.has(prefix))
  const used = cidrs((await subnetsOfPool(tx.db, row.id)).map(({ cidr }) => cidr))
  if (used.some((subnet) => cidrs([...gone]).some((prefix) => cidrsOverlap(prefix, subnet)))) {
    throw badRequest('Illegal update to prefixes: one or more of the prefixes to be removed is in use.', {
      type: 'IllegalSubnetPoolPrefixUpdate',
    })
  }
  await subnetpoolRows.change(tx, row.id, { prefixes: left })
  return left
}
