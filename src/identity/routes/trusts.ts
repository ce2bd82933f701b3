// /OS-TRUST/trusts and the roles that a trust delegates.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { existing } from '../found.ts'
import { listOf } from '../links.ts'
import { anyQuery, externalIdSchema, flag, idSchema, nullable, open, optional, text } from '../schemas.ts'
import type { RoleRow } from '../store/tables.ts'
import { permitNewTrust, trustCreate, trustDelete, trustGet, trustRoles, trustsList, type TrustBody } from '../trusts.ts'
import { trustListView, trustRolesLinks, trustView } from '../views/delegation.ts'
import { roleView } from '../views/roles.ts'
import { roleReferences } from './application-credentials.ts'
import { asked } from './asked.ts'

const base = '/OS-TRUST/trusts'
const one = `${base}/:trust_id`
const body = open('trust', {
  trustor_user_id: externalIdSchema,
  trustee_user_id: externalIdSchema,
  impersonation: flag,
  project_id: optional(nullable(idSchema)),
  remaining_uses: optional(nullable(Type.Integer({ minimum: 1 }))),
  expires_at: optional(nullable(text)),
  allow_redelegation: optional(nullable(flag)),
  redelegation_count: optional(nullable(Type.Integer({ minimum: 0 }))),
  roles: optional(roleReferences),
})

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
      const { trustor_user_id: trustor, trustee_user_id: trustee } = request.query as Record<string, string | undefined>
      return listOf(
        ctx,
        request,
        'trusts',
        (await trustsList(ctx, { trustor, trustee })).map((row) => trustListView(ctx, row)),
      )
    },
  }),
  operation({
    method: 'POST',
    path: base,
    summary: 'Create a trust',
    policy: 'identity:create_trust',
    status: 201,
    body,
    target: async (ctx, sent) => permitNewTrust(ctx, asked(sent.body, 'trust')['trustor_user_id']),
    async handler(ctx, request) {
      const row = await trustCreate(ctx, request.body['trust'] as unknown as TrustBody)
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
