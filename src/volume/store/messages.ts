// SQL of user messages: why something that was accepted went wrong.
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { pagesOf } from './filters.ts'
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

export const messagesPage = pagesOf(messageRows)
