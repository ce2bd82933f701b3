// The names for a list of assignments, fetched in one query for each kind of thing.
import type { Context } from '../platform/context.ts'
import type { Assignment } from './role-assignments.ts'
import { groups, projects, roles, users } from './store/tables.ts'
import type { AssignmentNames } from './views/roles.ts'

interface Row {
  id: string
  name: string
  domain_id: string
}

export async function assignmentNames(ctx: Context, lines: Assignment[]): Promise<AssignmentNames> {
  const idsWhere = (kind: string, of: 'actor' | 'target') =>
    lines.filter(({ row }) => row[`${of}_type`] === kind).map(({ row }) => row[`${of}_id`])
  const byId = <T extends Row>(rows: T[]) => new Map<string, Row>(rows.map((row) => [row.id, row]))
  const found = {
    user: byId(await users.many(ctx.db, idsWhere('user', 'actor'))),
    group: byId(await groups.many(ctx.db, idsWhere('group', 'actor'))),
    project: byId(await projects.many(ctx.db, idsWhere('project', 'target'))),
    role: byId(
      await roles.many(
        ctx.db,
        lines.map(({ row }) => row.role_id),
      ),
    ),
  }
  const domainIds = Object.values(found).flatMap((rows) => [...rows.values()].map((row) => row.domain_id))
  const domains = byId(await projects.many(ctx.db, [...idsWhere('domain', 'target'), ...domainIds.filter((id) => id !== '')]))
  const plain = (id: string) => ({ id, name: domains.get(id)?.name ?? '' })
  const inDomain = (kind: keyof typeof found) => (id: string) => {
    const row = found[kind].get(id)
    return { id, name: row?.name ?? '', ...(kind === 'role' && row?.domain_id === '' ? {} : { domain: plain(row?.domain_id ?? '') }) }
  }
  return { user: inDomain('user'), group: inDomain('group'), project: inDomain('project'), role: inDomain('role'), domain: plain }
}
