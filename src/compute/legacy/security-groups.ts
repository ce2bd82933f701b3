// Neutron's security groups as Nova showed them: ingress rules only, ports that are open by default spelled out.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest } from '../../platform/errors.ts'
import { isUuidLike } from '../../platform/ids.ts'
import type { NeutronGroup, NeutronRule } from './answers.ts'
import { neighbour, translated } from './neighbours.ts'
import type { NovaRule } from './security-group-rule.ts'

/** What a rule shows of the group that it lets in. */
type Source = { name: string; tenant_id: string }

export function securityGroupId(id: unknown): string {
  if (typeof id !== 'string' || !isUuidLike(id)) throw badRequest('Security group id should be uuid')
  return id
}

export const groupFetch = async (ctx: Context, id: unknown): Promise<NeutronGroup> =>
  (await neighbour(ctx, 'GET /security-groups/:id', { id: securityGroupId(id) })).security_group

export async function groupsOfProject(ctx: Context, query: Record<string, unknown>): Promise<NeutronGroup[]> {
  const { security_groups: groups } = await neighbour(ctx, 'GET /security-groups', { query })
  return groups.sort((a, b) => (`${a.tenant_id} ${a.name}` < `${b.tenant_id} ${b.name}` ? -1 : 1))
}

export const groupDelete = (ctx: Context, id: string) =>
  translated(neighbour(ctx, 'DELETE /security-groups/:id', { id: securityGroupId(id) }), { conflict: 'bad_request' })

export async function groupSave(
  ctx: Context,
  id: string | null,
  security_group: { name: string; description: string },
): Promise<NeutronGroup> {
  const body = { security_group }
  const saved =
    id === null
      ? translated(neighbour(ctx, 'POST /security-groups', { body }), { conflict: 'forbidden' })
      : translated(neighbour(ctx, 'PUT /security-groups/:id', { id, body }), { conflict: 'bad_request' })
  return (await saved).security_group
}

export async function ruleCreate(ctx: Context, groupId: string, rule: NovaRule): Promise<NeutronRule> {
  const security_group_rule = {
    direction: 'ingress',
    ethertype: rule.cidr?.includes(':') ? 'IPv6' : 'IPv4',
    security_group_id: groupId,
    ...(rule.protocol === undefined ? {} : { protocol: rule.protocol.toLowerCase() }),
    ...(rule.fromPort === undefined || rule.fromPort === -1 ? {} : { port_range_min: rule.fromPort }),
    ...(rule.toPort === undefined || rule.toPort === -1 ? {} : { port_range_max: rule.toPort }),
    ...defined({ remote_group_id: rule.groupId }),
    ...(rule.cidr === undefined || rule.cidr === '0.0.0.0/0' ? {} : { remote_ip_prefix: rule.cidr }),
  }
  const made = neighbour(ctx, 'POST /security-group-rules', { body: { security_group_rule } })
  return (await translated(made, { conflict: 'forbidden' })).security_group_rule
}

export async function ruleDelete(ctx: Context, id: string): Promise<void> {
  await neighbour(ctx, 'DELETE /security-group-rules/:id', { id: securityGroupId(id) })
}

/** The names of the groups that rules let in: those at hand, the others asked for once each. */
export async function sources(ctx: Context, groups: NeutronGroup[]): Promise<Map<string, Source>> {
  const known = new Map(groups.map((group) => [group.id, { name: group.name, tenant_id: group.tenant_id }]))
  const missing = new Set(
    groups.flatMap((group) => group.security_group_rules.flatMap((rule) => rule.remote_group_id ?? [])).filter((id) => !known.has(id)),
  )
  for (const id of missing) {
    const [group] = (await neighbour(ctx, 'GET /security-groups', { query: { id } })).security_groups
    if (group) known.set(id, { name: group.name, tenant_id: group.tenant_id })
  }
  return known
}

/** Shown ports: all of them for tcp and udp without ports, -1 for other protocols. */
export function shownPorts(rule: NeutronRule): { from: number | null; to: number | null } {
  if (rule.protocol === null || rule.port_range_min !== null || rule.port_range_max !== null)
    return { from: rule.port_range_min, to: rule.port_range_max }
  return ['TCP', 'UDP'].includes(rule.protocol.toUpperCase()) ? { from: 1, to: 65535 } : { from: -1, to: -1 }
}

export function ruleView(rule: NeutronRule, known: Map<string, Source>) {
  const { from, to } = shownPorts(rule)
  const source = rule.remote_group_id === null ? undefined : known.get(rule.remote_group_id)
  return {
    id: rule.id,
    parent_group_id: rule.security_group_id,
    ip_protocol: rule.protocol,
    from_port: from,
    to_port: to,
    group: source ?? {},
    ip_range: rule.remote_group_id === null ? { cidr: rule.remote_ip_prefix ?? '0.0.0.0/0' } : {},
  }
}

export const groupView = (group: NeutronGroup, known: Map<string, Source>) => ({
  id: group.id,
  description: group.description,
  name: group.name,
  tenant_id: group.tenant_id,
  rules: group.security_group_rules
    .filter((rule) => rule.direction === 'ingress' && (rule.remote_group_id === null || known.has(rule.remote_group_id)))
    .map((rule) => ruleView(rule, known)),
})
