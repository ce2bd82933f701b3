// /OS-TRUST/trusts and the roles that a trust delegates.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { existing } from '../found.ts'
import { listOf } from '../links.ts'
import { anyQuery, open } from '../schemas.ts'
import type { RoleRow } from '../store/tables.ts'
import { permitNewTrust, trustCreate, trustDelete, trustGet, trustProperties, trustRoles, trustsList } from '../trusts.ts'
import { trustListView, trustRolesLinks, trustView } from '../views/delegation.ts'
import { roleView } from '../views/roles.ts'
import { asked } from './asked.ts'

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
  operation({
    method: 'GET',
    path: base,
    summary: 'List trusts',
    policy: 'identity:list_trusts',
    orPolicies: ['identity:list_trusts_for_trustor', 'identity:list_trusts_for_trustee'],
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      return listOf(
        ctx,
        request,
        'trusts',
        (await trustsList(ctx, request.query)).map((row) => trustListView(ctx, row)),
      )
    },
  }),
  operation({
    method: 'POST',
    path: base,
    summary: 'Create a trust',
    policy: 'identity:create_trust',
    status: 201,
    body: open('trust', trustProperties),
    target: async (ctx, sent) => permitNewTrust(ctx, asked(sent.body, 'trust')['trustor_user_id']),
    async handler(ctx, request) {
      const row = await trustCreate(ctx, request.body.trust)
      return { trust: trustView(ctx, row, await trustRoles(ctx, row)) }
    },
  }),
  operation({
    method: 'GET',
    path: one,
    summary: 'Show a trust',
    policy: 'identity:get_trust',
    status: 200,
    async handler(ctx, { params }) {
      const row = await trustGet(ctx, params['trust_id'] ?? '')
      return { trust: trustView(ctx, row, await trustRoles(ctx, row)) }
    },
  }),
  operation({
    method: 'DELETE',
    path: one,
    summary: 'Delete a trust',
    policy: 'identity:delete_trust',
    status: 204,
    handler: (ctx, { params }) => trustDelete(ctx, params['trust_id'] ?? ''),
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
