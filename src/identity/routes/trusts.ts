// /OS-TRUST/trusts and the roles that a trust delegates.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { existing } from '../found.ts'
import type { RoleRow } from '../store/tables.ts'
import { permitNewTrust, trustCreate, trustDelete, trustGet, trustProperties, trustRoles, trustsList } from '../trusts.ts'
import { trustListView, trustRolesLinks, trustView } from '../views/delegation.ts'
import { roleView } from '../views/roles.ts'
import { each, operationsOf } from './resource.ts'

const base = '/OS-TRUST/trusts'
const one = `${base}/:trust_id`
async function roleOf(ctx: Context, params: Record<string, string>): Promise<RoleRow> {
  const row = await trustGet(ctx, params['trust_id'] ?? '')
  const id = params['role_id'] ?? ''
  return existing(
    (await trustRoles(ctx, row)).find((role) => role.id === id),
    'role',
    id,
  )
}

export const trustOperations: Operation[] = [
  ...operationsOf({
    name: 'trust',
    plural: 'trusts',
    noun: 'a trust',
    path: base,
    properties: trustProperties,
    shown: (ctx, rows) => Promise.all(rows.map(async (row) => trustView(ctx, row, await trustRoles(ctx, row)))),
    shownInLists: each(trustListView),
    filters: [],
    list: trustsList,
    orListPolicies: ['identity:list_trusts_for_trustor', 'identity:list_trusts_for_trustee'],
    create: trustCreate,
    permitNew: (ctx, wanted) => permitNewTrust(ctx, wanted['trustor_user_id']),
    get: trustGet,
    delete: trustDelete,
  }),
  operation({
    method: 'GET',
    path: `${one}/roles`,
    summary: 'List the roles of a trust',
    policy: 'identity:list_roles_for_trust',
    status: 200,
    async handler(ctx, { params }) {
      const row = await trustGet(ctx, params['trust_id'] ?? '')
      return { roles: (await trustRoles(ctx, row)).map((role) => roleView(ctx, role)), links: trustRolesLinks(ctx, row.id) }
    },
  }),
  operation({
    method: 'GET',
    path: `${one}/roles/:role_id`,
    summary: 'Show a role of a trust',
    policy: 'identity:get_role_for_trust',
    status: 200,
    handler: async (ctx, { params }) => ({ role: roleView(ctx, await roleOf(ctx, params)) }),
  }),
]
