// Address scopes: within one, the prefixes of subnet pools do not overlap.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { Changed } from '../api/attribute.ts'
import type { Resource } from '../api/resource.ts'
import { addressScopeAttributes } from './attributes.ts'
import { loadShared, type SharedFacts } from '../rbac-policies/shared.ts'
import { sharedIds } from '../networks/store.ts'
import { standardRow } from '../store/query.ts'
import { rbacDeleteFor, rbacDeleteOf, rbacInsert } from '../rbac-policies/store.ts'
import { subnetpoolsOfScope } from '../subnetpools/store.ts'
import { addressScopeRows, addressScopeShape } from './store.ts'
import type { AddressScopeRow } from '../store/tables.ts'

type ScopeAttributes = typeof addressScopeAttributes

async function addressScopeUpdate(tx: Context, row: AddressScopeRow, values: Changed<ScopeAttributes>): Promise<AddressScopeRow> {
  const shared = { object_id: row.id, action: 'access_as_shared' as const, target_project: '*' }
  if (values.shared === true)
    await rbacInsert(tx.db, { ...shared, id: tx.ids.uuid(), project_id: row.project_id, object_type: 'address_scope' })
  if (values.shared === false) {
    if ((await sharedIds(tx.db, [row.id], null)).has(row.id))
      throw badRequest(`Unable to update address scope ${row.id} : Shared address scope can't be unshared.`, {
        type: 'AddressScopeUpdateError',
      })
    await rbacDeleteFor(tx.db, shared)
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
    if (values.shared)
      await rbacInsert(tx.db, {
        id: tx.ids.uuid(),
        project_id: row.project_id,
        object_type: 'address_scope',
        object_id: row.id,
        action: 'access_as_shared',
        target_project: '*',
      })
    return row
  },
  update: addressScopeUpdate,
  async delete(tx, row) {
    if ((await subnetpoolsOfScope(tx.db, row.id)).length > 0) {
      throw conflict(
        `Unable to complete operation on address scope ${row.id}. There are one or more subnet pools in use on the address scope.`,
        { type: 'AddressScopeInUse' },
      )
    }
    await rbacDeleteOf(tx.db, row.id)
    await addressScopeRows.delete(tx.db, row.id)
  },
}
