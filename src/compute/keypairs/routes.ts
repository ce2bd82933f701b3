// /os-keypairs. Since 2.10 an admin may name another user; since 2.35 the list has pages; since 2.92 names may hold
// dots and at signs, and the public key must be given.
import type { Static, TUnsafe } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { Reply, type Operation } from '../../platform/api/operation.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { object, queryOf, wrapped } from '../../platform/api/schema.ts'
import { novaResource } from '../routes/resource.ts'
import type { Context } from '../../platform/context.ts'
import { keypairCreate, keypairDelete, keypairGet, keypairsList } from './keypairs.ts'
import { keypairCreatedView, keypairListView, keypairShowView } from './view.ts'

const keypairs = novaResource({ extension: 'os-keypairs', key: 'name', one: 'a keypair', many: 'keypairs' })
const userQuery = Type.Object({ user_id: Type.Optional(Type.String()) })
const oldName = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9_ -]*(?<! )$' })
const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9_ .@-]*(?<! )$' })
const publicKey = Type.String()
const type = Type.Union([Type.Literal('ssh'), Type.Literal('x509')])
const userId = Type.String({ pattern: '^[a-zA-Z0-9-]*$', maxLength: 255 })

const since292 = object({ name, type, public_key: publicKey, user_id: userId }, ['name', 'public_key'])
/** Names and needs differ by microversion; before 2.92 the key may be left out. */
type NewBody = Omit<Static<typeof since292>, 'public_key'> & { public_key?: string }

const create = (versions: [string, string | null], status: number, body: TUnsafe<NewBody>) =>
  keypairs.create({
    summary: 'Create or import a keypair',
    versions,
    status,
    body: wrapped('keypair', body),
    async handler(ctx, { body: { keypair: wanted } }) {
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
  keypairs.list({
    versions,
    query: queryOf(pageQuery, others),
    async handler(ctx, { query, url }) {
      const limit = pageLimit(ctx, query.limit)
      const rows = await keypairsList(ctx, asked(ctx, query.user_id), { limit, marker: query.marker })
      return { ...keypairListView(ctx, rows), ...nextLink(ctx, 'keypairs', { url, limit, rows: rows.length, marker: rows.at(-1)?.name }) }
    },
  })

export const keypairOperations: Operation[] = [
  keypairs.list({
    versions: ['2.1', '2.34'],
    query: userQuery,
    handler: async (ctx, { query }) =>
      keypairListView(ctx, await keypairsList(ctx, asked(ctx, query.user_id), { limit: ctx.config.maxPageSize })),
  }),
  paged(['2.35', '2.74'], 'ignored'),
  paged(['2.75', null], 'refused'),
  keypairs.show({
    query: userQuery,
    handler: async (ctx, name, { query }) => keypairShowView(ctx, await keypairGet(ctx, asked(ctx, query.user_id), name)),
  }),
  create(['2.1', '2.1'], 200, object({ name: oldName, public_key: publicKey }, ['name'])),
  create(['2.2', '2.9'], 201, object({ name: oldName, type, public_key: publicKey }, ['name'])),
  create(['2.10', '2.91'], 201, object({ name: oldName, type, public_key: publicKey, user_id: userId }, ['name'])),
  create(['2.92', null], 201, since292),
  keypairs.delete({
    query: userQuery,
    async handler(ctx, name, { query }) {
      await keypairDelete(ctx, asked(ctx, query.user_id), name)
      return new Reply(undefined, { status: ctx.microversion.atLeast('2.2') ? 204 : 202 })
    },
  }),
]

/** Before 2.10 nobody but oneself can be named. */
const asked = (ctx: Context, named: string | undefined): string =>
  named !== undefined && ctx.microversion.atLeast('2.10') ? named : ctx.actor.userId
