// /servers/:id/shares (2.97): file shares of a server. This cloud has no share service and its hosts no virtiofs, as every
// Nova without Manila: a server has none, and attaching one says why not.
import { Type } from '../../../platform/api/type.ts'
import type { Operation } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import { invalidState, serverGet } from '../servers.ts'
import { novaResource } from '../../routes/resource.ts'
import { open } from '../../routes/schemas.ts'
import { uuid } from './schemas.ts'
import { id } from './servers.ts'

const shares = novaResource({
  extension: 'os-server-shares',
  path: '/servers/:id/shares',
  key: 'share',
  one: 'a share of a server',
  many: 'a server’s shares',
  status: { create: 201, delete: 200 },
  versions: ['2.97', null],
})
const none = Type.Object({}, { additionalProperties: false })
const tag = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-]*$' })
const notThere = (share: string) => notFound(`Share ${share} could not be found.`)

/** A share comes and goes while its server is stopped; it may also leave one in error. */
async function stopped(ctx: Context, serverId: string, word: string, states: string[]): Promise<void> {
  const server = await serverGet(ctx, serverId)
  if (!states.includes(server.vm_state)) throw invalidState(word, serverId, { attribute: 'vm_state', state: server.vm_state })
}

export const serverShareOperations: Operation[] = [
  shares.list({
    query: none,
    async handler(ctx, request) {
      await serverGet(ctx, id(request))
      return { shares: [] }
    },
  }),
  shares.create({
    summary: 'Attach a share',
    body: open({ share: open({ share_id: uuid, tag }, ['share_id']) }, ['share']),
    async handler(ctx, request) {
      await stopped(ctx, id(request), 'create share', ['stopped'])
      throw conflict('Feature not supported because either compute or instance are not configured correctly.')
    },
  }),
  shares.show({
    query: none,
    async handler(ctx, share, request) {
      await serverGet(ctx, id(request))
      throw notThere(share)
    },
  }),
  shares.delete({
    summary: 'Detach a share',
    async handler(ctx, share, request) {
      await stopped(ctx, id(request), 'delete share', ['stopped', 'error'])
      throw notThere(share)
    },
  }),
]
