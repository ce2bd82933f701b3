// RBAC policies: who else may use a network, security group, pool, scope or address group.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { Created } from '../api/attribute.ts'
import { resourceFetch, type Resource } from '../api/resource.ts'
import { rbacPolicyAttributes } from './attributes.ts'
import { addressGroups } from '../address-groups/address-groups.ts'
import { addressScopes } from '../address-scopes/address-scopes.ts'
import { invalidInput } from '../faults.ts'
import { externalUpdate, networks } from '../networks/networks.ts'
import { securityGroups } from '../security-groups/security-groups.ts'
import { networkRows } from '../networks/store.ts'
import { rbacRows, boundProjects, gatewayProjects, objectOwner, rbacShape, type ShareableType } from './store.ts'
import type { RbacPolicyRow } from '../store/tables.ts'
import { scopeReachCheck, subnetpools } from '../subnetpools/subnetpools.ts'

interface Shared {
  id: string
  project_id: string
  /** of a subnet pool */
  address_scope_id?: string | null
}

const shareable: Record<ShareableType, Resource<Shared>> = {
  network: networks,
  security_group: securityGroups,
  subnetpool: subnetpools,
  address_scope: addressScopes,
  address_group: addressGroups,
}
const actionsOf = (type: ShareableType) => (type === 'network' ? ['access_as_shared', 'access_as_external'] : ['access_as_shared'])
const everybody = '*'

type RbacAttributes = typeof rbacPolicyAttributes

async function rbacPolicyCreate(tx: Context, values: Created<RbacAttributes>): Promise<RbacPolicyRow> {
  if (!Object.hasOwn(shareable, values.object_type)) throw invalidInput(`'${values.object_type}' is not a valid RBAC object type`)
  const type = values.object_type as ShareableType
  const actions = actionsOf(type)
  if (!actions.includes(values.action)) {
    throw badRequest(
      `Invalid action '${values.action}' for object type '${type}'. Valid actions: (${actions.map((action) => `'${action}'`).join(', ')}${actions.length === 1 ? ',' : ''})`,
      { type: 'InvalidActionForType' },
    )
  }
  const object = await ownObject(tx, type, values.object_id)
  if (type === 'subnetpool')
    await scopeReachCheck(tx, { id: object.id, address_scope_id: object.address_scope_id ?? null }, values.target_tenant)
  const row: RbacPolicyRow = {
    id: tx.ids.uuid(),
    project_id: values.project_id,
    object_type: type,
    object_id: object.id,
    action: values.action as RbacPolicyRow['action'],
    target_project: values.target_tenant,
  }
  if ((await rbacRows.insertMissing(tx.db, row)) === 0)
    throw conflict('An RBAC policy already exists with those values.', { type: 'DuplicateRbacPolicy' })
  await networkFollow(tx, row)
  return row
}

/** What may not be seen is not found; what may be seen is shared by its owner and admins only. */
async function ownObject(tx: Context, type: ShareableType, id: string): Promise<Shared> {
  const { row } = await resourceFetch(tx, shareable[type], id)
  if (row.project_id === tx.actor.projectId || tx.allows({}, 'context_is_admin')) return row
  throw invalidInput(`Only admins can manipulate policies on ${type === 'network' ? 'networks' : 'objects'} they do not own`)
}

/** A network follows its policies: it is external as long as there is one that says so, and counts each as a change. */
async function networkFollow(tx: Context, { object_type, object_id }: RbacPolicyRow): Promise<void> {
  const network = object_type === 'network' ? await networkRows.fetch(tx.db, object_id) : undefined
  if (network) await externalUpdate(tx, network)
}

const inUse = (row: RbacPolicyRow, details: string) =>
  conflict(`RBAC policy on object ${row.object_id} cannot be removed because other objects depend on it.\nDetails: ${details}`, {
    type: 'RbacPolicyInUse',
  })

/** Refuses to end access that a project depends on, unless another policy or the new target still grants it. */
async function unusedCheck(tx: Context, row: RbacPolicyRow, newTarget: string | null = null): Promise<void> {
  if (newTarget === row.target_project || newTarget === everybody) return
  const others = (await rbacRows.list(tx.db, { object_id: row.object_id }))
    .filter((other) => other.id !== row.id && other.action === row.action)
    .map(({ target_project }) => target_project)
  if (others.includes(everybody)) return
  const isLeft = (project: string) =>
    (row.target_project === everybody ? !others.includes(project) : project === row.target_project) && project !== newTarget
  if (row.action === 'access_as_external') return externalUnusedCheck(tx, row, isLeft)
  const type = row.object_type as ShareableType
  const owner = await objectOwner(tx.db, type, row.object_id)
  const bound = (await boundProjects(tx.db, type, row.object_id)).filter((project) => project !== owner && isLeft(project))
  if (bound.length === 0) return
  const reason = `Unable to reconfigure sharing settings for network ${row.object_id}. Multiple tenants are using it.`
  throw inUse(row, type === 'network' ? `Callback failed with "${reason}"` : `project_id=${row.target_project}`)
}

async function externalUnusedCheck(tx: Context, row: RbacPolicyRow, isLeft: (project: string) => boolean): Promise<void> {
  const network = await networkRows.fetch(tx.db, row.object_id)
  if (row.target_project === everybody && network?.is_default) throw inUse(row, 'Default external networks must be shared to everyone.')
  if ((await gatewayProjects(tx.db, row.object_id)).some(isLeft))
    throw inUse(row, 'There are routers attached to this network that depend on this policy for access.')
}

export const rbacPolicies: Resource<RbacPolicyRow, null, RbacAttributes> = {
  name: 'rbac_policy',
  attributes: rbacPolicyAttributes,
  shape: rbacShape,
  quota: 'rbac_policy',
  missing: (id) => notFound(`RBAC policy with id ${id} not found`, { type: 'RbacPolicyNotFound' }),
  load: async (_ctx, rows) => rows.map((row) => ({ row, facts: null, target: { target_tenant: row.target_project } })),
  create: rbacPolicyCreate,
  async update(tx, row, values) {
    const target = values.target_tenant ?? row.target_project
    await ownObject(tx, row.object_type as ShareableType, row.object_id)
    await unusedCheck(tx, row, target)
    const changed = (await rbacRows.advance(tx.db, { id: row.id }, { target_project: target })) ?? row
    await networkFollow(tx, changed)
    return changed
  },
  async delete(tx, row) {
    await unusedCheck(tx, row)
    await rbacRows.delete(tx.db, row.id)
    await networkFollow(tx, row)
  },
}
