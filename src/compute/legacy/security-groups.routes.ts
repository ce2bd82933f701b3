// /os-security-groups and /os-security-group-rules: Neutron's, as Nova showed them until 2.35.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
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
} from './security-groups.ts'
import type { NeutronGroup } from './answers.ts'
import { novaResource } from '../routes/resource.ts'
import { many, nonNegativeInteger } from '../routes/schemas.ts'
import type { Context } from '../../platform/context.ts'

const groups = novaResource({
  extension: 'os-security-groups',
  one: 'a security group',
  many: 'security groups',
  words: { list: 'get' },
  status: { delete: 202 },
  versions: proxied,
})
const rules = novaResource({
  extension: 'os-security-groups:rule',
  path: '/os-security-group-rules',
  one: 'a security group rule',
  many: 'security group rules',
  status: { delete: 202 },
  versions: proxied,
})
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
  groups.list({
    query: Type.Object({ limit: many(nonNegativeInteger), offset: many(nonNegativeInteger), all_tenants: many(Type.Unknown()) }),
    async handler(ctx, { query }) {
      ctx.authorize()
      const all = ctx.isAdmin && query.all_tenants !== undefined
      const found = await groupsOfProject(ctx, all ? {} : { tenant_id: ctx.projectId })
      const offset = Number(query.offset?.at(-1) ?? 0)
      const limit = Number(query.limit?.at(-1) ?? 0) || ctx.config.maxPageSize
      const page = found.slice(offset, offset + limit)
      const known = await sources(ctx, page)
      return { security_groups: page.map((group) => groupView(group, known)) }
    },
  }),
  groups.create({
    body: anyBody,
    bodyOptional: true,
    async handler(ctx, { body }) {
      ctx.authorize()
      return shown(ctx, await groupSave(ctx, null, names(part(body, 'security_group'))))
    },
  }),
  groups.show({
    async handler(ctx, id) {
      ctx.authorize()
      return shown(ctx, await groupFetch(ctx, id))
    },
  }),
  groups.update({
    summary: 'Change a security group',
    body: anyBody,
    bodyOptional: true,
    async handler(ctx, asked, { body }) {
      ctx.authorize()
      const { id } = await groupFetch(ctx, asked)
      return shown(ctx, await groupSave(ctx, id, names(part(body, 'security_group'))))
    },
  }),
  groups.delete({
    async handler(ctx, id) {
      ctx.authorize()
      await groupDelete(ctx, (await groupFetch(ctx, id)).id)
    },
  }),
  rules.create({
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
  rules.delete({
    async handler(ctx, id) {
      ctx.authorize()
      await ruleDelete(ctx, securityGroupId(id))
    },
  }),
]
