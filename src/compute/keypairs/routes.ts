// /os-keypairs. Since 2.10 an admin may name another user; since 2.35 the list has pages; since 2.92 names may hold
// dots and at signs, and the public key must be given.
import Type, { type TUnsafe } from 'typebox'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { open, queryOf, wrapped } from '../routes/schemas.ts'
import { keypairCreate, keypairGet, keypairList, keypairRemove } from './keypairs.ts'
import { keypairCreatedView, keypairListView, keypairShowView } from './view.ts'

const rule = (name: string) => `os_compute_api:os-keypairs:${name}`
const userQuery = Type.Object({ user_id: Type.Optional(Type.String()) })
const oldName = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9_ -]*(?<! )$' })
const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9_ .@-]*(?<! )$' })
const publicKey = Type.String()
const type = Type.Union([Type.Literal('ssh'), Type.Literal('x509')])
const userId = Type.String({ pattern: '^[a-zA-Z0-9-]*$', maxLength: 255 })

/** What a keypair is made of at a microversion; names and needs differ, what may be given is the same from 2.10 on. */
interface NewBody {
  name: string
  public_key?: string
  type?: 'ssh' | 'x509'
  user_id?: string
}

const create = (versions: [string, string | null], status: number, body: TUnsafe<NewBody>) =>
  operation({
    method: 'POST',
    path: '/os-keypairs',
    summary: 'Create or import a keypair',
    policy: rule('create'),
    versions,
    status,
    body: wrapped('keypair', body),
    async handler(ctx, request) {
      const { keypair: wanted } = request.body
      const made = await keypairCreate(ctx, {
        name: wanted.name,
        userId: wanted.user_id ?? ctx.actor.userId,
        type: wanted.type ?? 'ssh',
        publicKey: wanted.public_key,
      })
      return keypairCreatedView(ctx, made.keypair, made.privateKey)
    },
  })

const pageQuery = { user_id: Type.String(), limit: Type.Integer({ minimum: 0 }), marker: Type.String() }

const paged = (versions: [string, string | null], others: 'ignored' | 'refused') =>
  operation({
    method: 'GET',
    path: '/os-keypairs',
    summary: 'List keypairs',
    policy: rule('index'),
    versions,
    status: 200,
    query: queryOf(pageQuery, others),
    async handler(ctx, { query: asking, url }) {
      const limit = pageLimit(ctx, asking.limit)
      const rows = await keypairList(ctx, asked(ctx, asking.user_id), { limit, marker: asking.marker })
      return { ...keypairListView(ctx, rows), ...nextLink(ctx, 'keypairs', { url, limit, rows: rows.length, marker: rows.at(-1)?.name }) }
    },
  })

export const keypairOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/os-keypairs',
    summary: 'List keypairs',
    policy: rule('index'),
    versions: ['2.1', '2.34'],
    query: userQuery,
    status: 200,
    handler: async (ctx, { query }) =>
      keypairListView(ctx, await keypairList(ctx, asked(ctx, query.user_id), { limit: ctx.config.maxPageSize })),
  }),
  paged(['2.35', '2.74'], 'ignored'),
  paged(['2.75', null], 'refused'),
  operation({
    method: 'GET',
    path: '/os-keypairs/:name',
    summary: 'Show a keypair',
    policy: rule('show'),
    query: userQuery,
    status: 200,
    handler: async (ctx, { params, query }) => keypairShowView(ctx, await keypairGet(ctx, asked(ctx, query.user_id), params['name'] ?? '')),
  }),
  create(['2.1', '2.1'], 200, open({ name: oldName, public_key: publicKey }, ['name'])),
  create(['2.2', '2.9'], 201, open({ name: oldName, type, public_key: publicKey }, ['name'])),
  create(['2.10', '2.91'], 201, open({ name: oldName, type, public_key: publicKey, user_id: userId }, ['name'])),
  create(['2.92', null], 201, open({ name, type, public_key: publicKey, user_id: userId }, ['name', 'public_key'])),
  operation({
    method: 'DELETE',
    path: '/os-keypairs/:name',
    summary: 'Delete a keypair',
    policy: rule('delete'),
    query: userQuery,
    status: 204,
    async handler(ctx, { params, query }) {
      await keypairRemove(ctx, asked(ctx, query.user_id), params['name'] ?? '')
      return new Reply(undefined, { status: ctx.microversion.atLeast('2.2') ? 204 : 202 })
    },
  }),
]

/** Before 2.10 nobody but oneself can be named. */
const asked = (ctx: Parameters<typeof keypairListView>[0], named: string | undefined): string =>
  named !== undefined && ctx.microversion.atLeast('2.10') ? named : ctx.actor.userId
