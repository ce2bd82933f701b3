// SQL of user messages: why something that was accepted went wrong.
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { condition, type ColumnFilter } from './filters.ts'
import type { VolumeTables } from './tables.ts'

export interface MessageRow {
  id: string
  project_id: string
  event_id: string
  user_message: string
  message_level: string
  resource_type: string | null
  resource_uuid: string | null
  request_id: string
  created_at: string
  guaranteed_until: string
}

const q = (db: Db) => db.as<VolumeTables>()

export const messageRows = rows<MessageRow>('volume_messages')
export const messagesExpire = (db: Db, before: string) =>
  q(db).deleteFrom('volume_messages').where('guaranteed_until', '<', before).execute()

export function messagesPage(db: Db, projectId: string, columns: ColumnFilter[], request: PageRequest): Promise<MessageRow[]> {
  let query = q(db).selectFrom('volume_messages').selectAll().where('project_id', '=', projectId)
  for (const filter of columns) query = query.where(condition(filter))
  return page(query, request).execute()
}
