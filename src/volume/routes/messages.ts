// /messages, since 3.3; with pages since 3.5.
import type { Context } from '../../platform/context.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { messageDelete, messageGet, messagesList, type MessageRow } from '../messages.ts'
import { linksOf, micros } from '../views/texts.ts'
import { listOf } from './list-query.ts'
import { messages } from './resources.ts'

const keys = ['id', 'event_id', 'created_at', 'guaranteed_until', 'message_level', 'request_id', 'resource_type', 'resource_uuid']
const sorts = { keys, nullAs: { resource_type: '', resource_uuid: '' } }
const view = (ctx: Context, row: MessageRow) => ({
  id: row.id,
  event_id: row.event_id,
  user_message: row.user_message,
  message_level: row.message_level,
  created_at: micros(row.created_at),
  guaranteed_until: micros(row.guaranteed_until),
  request_id: row.request_id,
  resource_type: row.resource_type,
  resource_uuid: row.resource_uuid,
  links: linksOf(ctx, 'messages', row.id),
})

export const messageOperations: Operation[] = [
  listOf(messages, { key: 'messages', sorts, list: messagesList }, view),
  messages.show({ handler: async (ctx, id) => ({ message: view(ctx, await messageGet(ctx, id)) }) }),
  messages.delete({ handler: (ctx, id) => messageDelete(ctx, id) }),
]
