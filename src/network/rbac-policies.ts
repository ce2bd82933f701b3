// RBAC policies: who else may use a network, security group, pool, scope or address group.
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { resourceFor, type Resource } from './api/resource.ts'
import { addressGroups } from './address-groups.ts'
import { addressScopes } from './address-scopes.ts'
import { invalidInput } from './faults.ts'
import { networks } from './networks.ts'
import { securityGroups } from './security-groups.ts'
import { foreignPortOn, rbacDelete, rbacInsert, rbacOf, rbacShape, rbacUpdate } from './store/rbac.ts'
import { networkFetch } from './store/networks.ts'
import type { RbacPolicyRow, SubnetpoolRow } from './store/tables.ts'
import { scopeReachCheck, subnetpools } from './subnetpools.ts'

const shareable = { network: networks, security_group: securityGroups, subnetpool: subnetpools, address_scope: addressScopes, address_group: addressGroups }
type ObjectType = keyof typeof shareable
const actionsOf = (type: ObjectType) => (type === 'network' ? ['access_as_shared', 'access_as_external'] : ['access_as_shared'])

interface RbacValues {
  project_id: string
  object_type: string
  object_id: string
  action: string
  target_tenant: string
}

async function create(tx: Context, values: RbacValues): Promise<RbacPolicyRow> {
  if (!Object.hasOwn(shareable, values.object_type)) throw invalidInput(`'${values.object_type}' is not a valid RBAC object type`)
  const type = values.object_type as ObjectType
  const actions = actionsOf(type)
  if (!actions.includes(values.action)) {
    throw badRequest(`Invalid action '${values.action}' for object type '${type}'. Valid actions: (${actions.map((action) => `'${action}'`).join(', ')}${actions.length === 1 ? ',' : ''})`, { type: 'InvalidActionForType' })
  }
  if (values.action === 'access_as_external' && !tx.allows({}, 'context_is_admin')) throw badRequest('Only admins can manipulate policies on networks they do not own.', { type: 'InvalidInput' })
  // only who may change the object may share it
  const { row: object } = await resourceFor(tx, shareable[type] as unknown as Resource<{ id: string; project_id: string }>, values.object_id, `update_${type}`)
  if (type === 'subnetpool') await scopeReachCheck(tx, object as SubnetpoolRow, values.target_tenant)
  const row: RbacPolicyRow = {
    id: tx.ids.uuid(), project_id: values.project_id, object_type: type, object_id: object.id, action: values.action as RbacPolicyRow['action'], target_project: values.target_tenant,
  }
  if (!(await rbacInsert(tx.db, row))) throw conflict('An RBAC policy already exists with those values.', { type: 'DuplicateRbacPolicy' })
  return row
}

/** Sharing that somebody lives on cannot be taken away. */
async function unusedCheck(tx: Context, row: RbacPolicyRow): Promise<void> {
  if (row.object_type !== 'network' || row.action !== 'access_as_shared') return
  const network = await networkFetch(tx.db, row.object_id)
  if (!network) return
  const others = (await rbacOf(tx.db, row.object_id)).filter((other) => other.id !== row.id && other.action === 'access_as_shared')
  if (others.some(({ target_project }) => target_project === '*' || target_project === row.target_project)) return
  const port = await foreignPortOn(tx.db, network.id, network.project_id, row.target_project === '*' ? null : [row.target_project])
  if (port) throw conflict(`RBAC policy on object ${row.object_id} cannot be removed because other objects depend on it.\nDetails: Callback failed with "Unable to reconfigure sharing settings for network ${network.id}. Multiple tenants are using it."`, { type: 'RbacPolicyInUse' })
}

export const rbacPolicies: Resource<RbacPolicyRow, null> = {
  name: 'rbac_policy', shape: rbacShape, quota: 'rbac_policy',
  missing: (id) => notFound(`RBAC policy with id ${id} not found`, { type: 'RbacPolicyNotFound' }),
  load: async (_ctx, rows) => rows.map((row) => ({ row, facts: null, target: { target_tenant: row.target_project } })),
  create: (tx, values) => create(tx, values as unknown as RbacValues),
  async update(tx, row, values) {
    await unusedCheck(tx, row)
    return rbacUpdate(tx.db, row.id, String(values['target_tenant']))
  },
  async remove(tx, row) {
    await unusedCheck(tx, row)
    await rbacDelete(tx.db, row.id)
  },
}
