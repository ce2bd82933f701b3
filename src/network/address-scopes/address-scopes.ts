// Address scopes: within one, the prefixes of subnet pools do not overlap.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { Changed } from '../api/attribute.ts'
import type { Resource } from '../api/resource.ts'
import { addressScopeAttributes } from './attributes.ts'
import { loadShared, shareWithAll, type SharedFacts } from '../rbac-policies/shared.ts'
import { sharedIds } from '../networks/store.ts'
import { standardRow } from '../store/query.ts'
import { rbacRows } from '../rbac-policies/store.ts'
import { addressScopeRows, addressScopeShape } from './store.ts'
import type { AddressScopeRow } from '../store/tables.ts'
import { subnetpoolRows } from '../subnetpools/store.ts'

type ScopeAttributes = typeof addressScopeAttributes

async function addressScopeUpdate(tx: Context, row: AddressScopeRow, values: Changed<ScopeAttributes>): Promise<AddressScopeRow> {
  const shared = { object_id: row.id, action: 'access_as_shared' as const, target_project: '*' }
  if (values.shared === true) await shareWithAll(tx, 'address_scope', row)
  if (values.shared === false) {
    if ((await sharedIds(tx.db, [row.id], null)).has(row.id))
      throw badRequest(`Unable to update address scope ${row.id} : Shared address scope can't be unshared.`, {
        type: 'AddressScopeUpdateError',
      })
    await rbacRows.delete(tx.db, shared)
  }
  return addressScopeRows.change(tx, row.id, values.name === undefined ? {} : { name: values.name })
}

export const addressScopes: Resource<AddressScopeRow, SharedFacts, ScopeAttributes> = {
  name: 'address_scope',
  attributes: addressScopeAttributes,
  shape: addressScopeShape,
  missing: (id) => notFound(`Address scope ${id} could not be found.`, { type: 'AddressScopeNotFound' }),
  load: (ctx, rows) => loadShared(ctx, rows),
  async create(tx, values) {
    const row: AddressScopeRow = { ...standardRow(tx, values), ip_version: values.ip_version }
    await addressScopeRows.insert(tx.db, row)
    if (values.shared) await shareWithAll(tx, 'address_scope', row)
    return row
  },
  update: addressScopeUpdate,
  async delete(tx, row) {
    if ((await subnetpoolRows.list(tx.db, { address_scope_id: row.id })).length > 0) {
      throw conflict(
        `Unable to complete operation on address scope ${row.id}. There are one or more subnet pools in use on the address scope.`,
        { type: 'AddressScopeInUse' },
      )
    }
    await rbacRows.delete(tx.db, { object_id: row.id })
    await addressScopeRows.delete(tx.db, row.id)
  },
}
