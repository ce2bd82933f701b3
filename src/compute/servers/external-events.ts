// Events of servers that other services tell of: kept in the servers' timelines.
import type { Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import { serverVolumeExtend } from './attachments/volume-extended.ts'
import { serversFetch } from './store/servers.ts'

export interface ExternalEvent {
  server_uuid: string
  name: string
  status?: string
  tag?: string
}

export type AnsweredEvent = ExternalEvent & { status: string; code: 200 | 400 | 404 | 422 }

const tagRequired = ['volume-extended', 'power-update', 'accelerator-request-bound', 'volume-reimaged']

/** Each with what became of it: 404 no such server, 400 a tag is missing, 422 the server is on no host. */
export async function externalEvents(ctx: Context, events: ExternalEvent[]): Promise<AnsweredEvent[]> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const servers = new Map((await serversFetch(tx.db, [...new Set(events.map((event) => event.server_uuid))])).map((row) => [row.id, row]))
    const answered: AnsweredEvent[] = []
    for (const event of events) {
      const server = servers.get(event.server_uuid)
      const code = !server ? 404 : tagRequired.includes(event.name) && event.tag === undefined ? 400 : server.host === null ? 422 : 200
      if (server && code === 200) {
        await eventAppend(tx, {
          resourceType: 'server',
          resourceId: server.id,
          projectId: server.project_id,
          action: 'external',
          event: event.name,
          result: 'success',
          host: server.host,
          details: event,
        })
        if (event.name === 'volume-extended') await serverVolumeExtend(tx, { serverId: server.id, volumeId: event.tag ?? '' })
      }
      answered.push({ ...event, status: code === 200 ? 'completed' : 'failed', code })
    }
    return answered
  })
}
