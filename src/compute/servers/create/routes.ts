// POST /servers.
import { Reply, type Operation } from '../../../platform/api/operation.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { createSchema, createVersions, type CreateBody, newServer } from './body.routes.ts'
import { servers, sinceOf } from '../routes/servers.ts'
import { generatedPassword } from '../actions/password.ts'
import { serversCreate } from './create.ts'
import { serverLinks } from '../views/servers.ts'

async function create(ctx: Context, body: CreateBody): Promise<Reply> {
  const made = await serversCreate(ctx, newServer(ctx, body))
  if (lenientBoolean(body.server.return_reservation_id)) return new Reply({ reservation_id: made.reservationId })
  const [server] = made.servers
  if (!server) throw new Error('a request for servers made none')
  const links = serverLinks(ctx, server.id)
  const view = {
    id: server.id,
    links,
    'OS-DCF:diskConfig': server.disk_config,
    security_groups: body.server.security_groups ?? [{ name: 'default' }],
    adminPass: body.server.adminPass ?? generatedPassword(ctx.ids),
  }
  return new Reply({ server: view }, { headers: { location: links[0]?.href ?? '' } })
}

export const serverCreateOperations: Operation[] = createVersions.map((versions) =>
  servers.create({
    summary: 'Create servers',
    versions,
    status: 202,
    body: createSchema(sinceOf(versions[0]), versions[0] === '2.32'),
    handler: (ctx, request) => create(ctx, request.body),
  }),
)
