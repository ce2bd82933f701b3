// /os-security-groups and /os-security-group-rules: Neutron's, as Nova showed them until 2.35.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { badRequest } from '../../platform/errors.ts'
import { novaRule, type RuleParameters } from './security-group-rule.ts'
import { proxied } from './neighbours.ts'
import {
  groupFetch,
  groupDelete,
  groupSave,
  groupsOfProject,
  groupView,
  ruleCreate,
  ruleDelete,
  ruleView,
  securityGroupId,
  shownPorts,
  sources,
  type NeutronGroup,
} from './security-groups.ts'
import { many, nonNegativeInteger } from '../routes/schemas.ts'
import type { Context } from '../../platform/context.ts'

const rule = (what: string) => `os_compute_api:os-security-groups:${what}`
const anyBody = Type.Unknown()

function part(body: unknown, key: string): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Object.keys(body).length === 0) throw badRequest("The request body can't be empty")
  const value = (body as Record<string, unknown>)[key]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(`Missing parameter ${key}`)
  return value as Record<string, unknown>
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw badRequest(`${name} is not a string or unicode`)
  if (value.length > 255) throw badRequest(`${name} has ${value.length} characters, more than 255.`)
  return value
}

const names = (given: Record<string, unknown>) => ({
  name: text(given['name'], 'name'),
  description: text(given['description'], 'description'),
})

const shown = async (ctx: Context, group: NeutronGroup) => ({ security_group: groupView(group, await sources(ctx, [group])) })

export const securityGroupOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/os-security-groups',
    summary: 'List security groups',
    policy: rule('get'),
    versions: proxied,
    status: 200,
    query: Type.Object({ limit: many(nonNegativeInteger), offset: many(nonNegativeInteger), all_tenants: many(Type.Unknown()) }),
    async handler(ctx, { query }) {
      ctx.authorize()
      const all = ctx.isAdmin && query.all_tenants !== undefined
      const groups = await groupsOfProject(ctx, all ? {} : { tenant_id: ctx.projectId })
      const offset = Number(query.offset?.at(-1) ?? 0)
      const limit = Number(query.limit?.at(-1) ?? 0) || ctx.config.maxPageSize
      const page = groups.slice(offset, offset + limit)
      const known = await sources(ctx, page)
      return { security_groups: page.map((group) => groupView(group, known)) }
    },
  }),
  operation({
    method: 'POST',
    path: '/os-security-groups',
    summary: 'Create a security group',
    policy: rule('create'),
    versions: proxied,
    status: 200,
    body: anyBody,
    bodyOptional: true,
    async handler(ctx, { body }) {
      ctx.authorize()
      return shown(ctx, await groupSave(ctx, null, names(part(body, 'security_group'))))
    },
  }),
  operation({
    method: 'GET',
    path: '/os-security-groups/:id',
    summary: 'Show a security group',
    policy: rule('show'),
    versions: proxied,
    status: 200,
    async handler(ctx, { params }) {
      ctx.authorize()
      return shown(ctx, await groupFetch(ctx, params['id']))
    },
  }),
  operation({
    method: 'PUT',
    path: '/os-security-groups/:id',
    summary: 'Change a security group',
    policy: rule('update'),
    versions: proxied,
    status: 200,
    body: anyBody,
    bodyOptional: true,
    async handler(ctx, { params, body }) {
      ctx.authorize()
      const { id } = await groupFetch(ctx, params['id'])
      return shown(ctx, await groupSave(ctx, id, names(part(body, 'security_group'))))
    },
  }),
  operation({
    method: 'DELETE',
    path: '/os-security-groups/:id',
    summary: 'Delete a security group',
    policy: rule('delete'),
    versions: proxied,
    status: 202,
    async handler(ctx, { params }) {
      ctx.authorize()
      await groupDelete(ctx, (await groupFetch(ctx, params['id'])).id)
    },
  }),
  operation({
    method: 'POST',
    path: '/os-security-group-rules',
    summary: 'Create a security group rule',
    policy: rule('rule:create'),
    versions: proxied,
    status: 200,
    body: anyBody,
    bodyOptional: true,
    async handler(ctx, { body }) {
      ctx.authorize()
      const given = part(body, 'security_group_rule')
      const group = await groupFetch(ctx, given['parent_group_id'])
      const source = given['group_id'] === undefined || given['group_id'] === null ? undefined : await groupFetch(ctx, given['group_id'])
      const wanted = novaRule({ ...given, group_id: source?.id } as RuleParameters)
      const twin = group.security_group_rules.some((known) => {
        const { from, to } = shownPorts(known)
        const sameSource =
          known.remote_group_id === (wanted.groupId ?? null) &&
          (wanted.groupId !== undefined || (known.remote_ip_prefix ?? '0.0.0.0/0') === wanted.cidr)
        const samePorts =
          known.protocol === (wanted.protocol ?? null) && from === (wanted.fromPort ?? null) && to === (wanted.toPort ?? null)
        return known.direction === 'ingress' && sameSource && samePorts
      })
      if (twin) throw badRequest(`This rule already exists in group ${group.id}`)
      const made = await ruleCreate(ctx, group.id, wanted)
      return { security_group_rule: ruleView(made, await sources(ctx, source ? [group, source] : [group])) }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/os-security-group-rules/:id',
    summary: 'Delete a security group rule',
    policy: rule('rule:delete'),
    versions: proxied,
    status: 202,
    async handler(ctx, { params }) {
      ctx.authorize()
      await ruleDelete(ctx, securityGroupId(params['id']))
    },
  }),
]
