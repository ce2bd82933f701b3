// Address groups: lists of prefixes that security group rules name as their remote side.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { Resource } from '../api/resource.ts'
import { addressGroupAttributes } from './attributes.ts'
import { loadShared, type SharedFacts } from '../rbac-policies/shared.ts'
import { addressGroupRows, addressGroupShape } from './store.ts'
import { standardRow } from '../store/query.ts'
import type { AddressGroupRow } from '../store/tables.ts'
import { wakeGroups } from '../host/wake.ts'
import { rbacRows } from '../rbac-policies/store.ts'
import { securityGroupRuleRows } from '../security-groups/store.ts'

type GroupAttributes = typeof addressGroupAttributes

export const addressGroups: Resource<AddressGroupRow, SharedFacts, GroupAttributes> = {
  name: 'address_group',
  attributes: addressGroupAttributes,
  shape: addressGroupShape,
  missing: (id) => notFound(`Address group ${id} could not be found.`, { type: 'AddressGroupNotFound' }),
  load: (ctx, rows) => loadShared(ctx, rows),
  async create(tx, values) {
    const row: AddressGroupRow = { ...standardRow(tx, values), addresses: [...new Set(values.addresses)] }
    await addressGroupRows.insert(tx.db, row)
    return row
  },
  update: (tx, row, values) => addressGroupRows.change(tx, row.id, values),
  async delete(tx, row) {
    if ((await securityGroupRuleRows.list(tx.db, { remote_address_group_id: row.id })).length > 0)
      throw conflict(`Address group ${row.id} is in use on one or more security group rules.`, { type: 'AddressGroupInUse' })
    await rbacRows.delete(tx.db, { object_id: row.id })
    await addressGroupRows.delete(tx.db, row.id)
  },
}

/** Adds or removes addresses; the rules that name the group follow. */
export async function addressesUpdate(
  tx: Context,
  row: AddressGroupRow,
  what: { add?: string[]; remove?: string[] },
): Promise<AddressGroupRow> {
  const held = row.addresses
  const twice = (what.add ?? []).filter((address) => held.includes(address))
  if (twice.length > 0)
    throw badRequest(`Addresses ${twice.join(', ')} already exist in the address group ${row.id}.`, { type: 'AddressesAlreadyExist' })
  const absent = (what.remove ?? []).filter((address) => !held.includes(address))
  if (absent.length > 0)
    throw notFound(`Addresses ${absent.join(', ')} not found in the address group ${row.id}.`, { type: 'AddressesNotFound' })
  const next = [...held, ...(what.add ?? [])].filter((address) => !(what.remove ?? []).includes(address))
  const changed = await addressGroupRows.change(tx, row.id, { addresses: [...new Set(next)] })
  await wakeGroups(
    tx,
    (await securityGroupRuleRows.list(tx.db, { remote_address_group_id: row.id })).map(({ security_group_id }) => security_group_id),
  )
  return changed
}
