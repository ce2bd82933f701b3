// SQL of what servers were there in a span of time, deleted ones too: for the usage reports.
import type { Db } from '../../platform/store/store.ts'
import { page } from '../../platform/store/page.ts'
import type { ServerRow } from '../servers/store/servers.ts'
import type { ComputeTables } from '../store/tables.ts'

export type UsedServer = Pick<
  ServerRow,
  'id' | 'name' | 'project_id' | 'flavor' | 'vm_state' | 'launched_at' | 'terminated_at' | 'created_at'
>

export interface UsageQuestion {
  start: string
  stop: string
  projectId?: string | undefined
  limit: number
  marker?: string | undefined
}

const columns = ['id', 'name', 'project_id', 'flavor', 'vm_state', 'launched_at', 'terminated_at', 'created_at'] as const

export const usedServerFetch = (db: Db, id: string): Promise<UsedServer | undefined> =>
  db.as<ComputeTables>().selectFrom('servers').select(columns).where('id', '=', id).executeTakeFirst()

/** Servers that had been launched before `stop` and were not gone before `start`, oldest first. */
export function serversUsed(db: Db, question: UsageQuestion, after: UsedServer | undefined): Promise<UsedServer[]> {
  let query = db
    .as<ComputeTables>()
    .selectFrom('servers')
    .select(columns)
    .where('launched_at', '<', question.stop)
    .where((e) => e.or([e('terminated_at', 'is', null), e('terminated_at', '>', question.start)]))
  if (question.projectId !== undefined) query = query.where('project_id', '=', question.projectId)
  const sorts = [
    { column: 'created_at', direction: 'asc' as const },
    { column: 'id', direction: 'asc' as const },
  ]
  return page(query, { sorts, limit: question.limit, after: after as Record<string, unknown> | undefined }).execute()
}
