// SQL of server groups. Who is a member stands in the servers' rows.
import { page } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q } from '../store/tables.ts'

export interface ServerGroupRow {
  id: string
  project_id: string
  user_id: string
  name: string
  policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity'
  rules: { max_server_per_host?: number }
  created_at: string
}

export const serverGroups = rows<ServerGroupRow>('server_groups')

/** Its servers are members of none. */
export const serverGroupLeave = (db: Db, id: string) =>
  q(db).updateTable('servers').set({ group_id: null }).where('group_id', '=', id).execute()

/** projectId undefined: all projects'. */
export function serverGroupsPage(
  db: Db,
  projectId: string | undefined,
  { limit, offset }: { limit: number; offset: number },
): Promise<ServerGroupRow[]> {
  let query = q(db).selectFrom('server_groups').selectAll()
  if (projectId !== undefined) query = query.where('project_id', '=', projectId)
  const sorts = (['created_at', 'id'] as const).map((column) => ({ column, direction: 'asc' as const }))
  return page(query, { sorts, limit, offset }).execute()
}

export async function serverGroupsCount(db: Db, projectId: string): Promise<number> {
  const row = await q(db)
    .selectFrom('server_groups')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export interface GroupMember {
  group_id: string
  id: string
  host: string | null
  user_id: string
}

/** Members of groups, oldest first. */
export const serverGroupMembers = async (db: Db, groupIds: string[]): Promise<GroupMember[]> => {
  if (groupIds.length === 0) return []
  const members = await q(db)
    .selectFrom('servers')
    .select(['group_id', 'id', 'host', 'user_id'])
    .where('group_id', 'in', groupIds)
    .where('deleted', '=', false)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return members.map((row) => ({ ...row, group_id: row.group_id ?? '' }))
}
