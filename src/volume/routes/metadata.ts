// Metadata of volumes and snapshots: the whole, merged or replaced, and single keys.
import Type from 'typebox'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { snapshotUpdate, snapshotRowGet } from '../snapshots.ts'
import { volumeUpdate, volumeRowGet } from '../volumes.ts'
import { metadata } from './bodies.ts'

type Map = Record<string, string>

/** A resource with metadata: how it is read and written, and by which rules. */
interface Owner {
  path: string
  rules: { read: string; create: string; update: string; remove: string }
  get(ctx: Context, id: string): Promise<Map>
  set(ctx: Context, id: string, value: Map): Promise<unknown>
}

const owners: Owner[] = [
  {
    path: '/volumes/:id/metadata',
    rules: {
      read: 'volume:get_volume_metadata',
      create: 'volume:create_volume_metadata',
      update: 'volume:update_volume_metadata',
      remove: 'volume:delete_volume_metadata',
    },
    get: async (ctx, id) => (await volumeRowGet(ctx, id)).metadata,
    set: (ctx, id, value) => volumeUpdate(ctx, id, { metadata: value }),
  },
  {
    path: '/snapshots/:id/metadata',
    rules: {
      read: 'volume:get_snapshot_metadata',
      create: 'volume:update_snapshot_metadata',
      update: 'volume:update_snapshot_metadata',
      remove: 'volume:delete_snapshot_metadata',
    },
    get: async (ctx, id) => (await snapshotRowGet(ctx, id)).metadata,
    set: (ctx, id, value) => snapshotUpdate(ctx, id, { metadata: value }),
  },
]

const wholeBody = Type.Object({ metadata }, { additionalProperties: false })
const keyBody = Type.Object({ meta: metadata }, { additionalProperties: false })
const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const keyOf = (request: ApiRequest): string => request.params['key'] ?? ''
const missingKey = (key: string) => notFound(`Metadata item with key ${key} was not found.`)

/** Reads, changes and writes in one transaction; answers with what is there then. */
function change(owner: Owner, ctx: Context, id: string, work: (known: Map) => Map): Promise<Map> {
  return ctx.transaction(async (tx) => {
    const value = work(await owner.get(tx, id))
    await owner.set(tx, id, value)
    return value
  })
}

const operationsOf = (owner: Owner): Operation[] => [
  operation({
    method: 'GET',
    path: owner.path,
    summary: 'Show metadata',
    policy: owner.rules.read,
    status: 200,
    handler: async (ctx, request) => ({ metadata: await owner.get(ctx, idOf(request)) }),
  }),
  operation({
    method: 'POST',
    path: owner.path,
    summary: 'Add metadata',
    policy: owner.rules.create,
    body: wholeBody,
    status: 200,
    handler: async (ctx, request) => ({
      metadata: await change(owner, ctx, idOf(request), (known) => ({ ...known, ...request.body.metadata })),
    }),
  }),
  operation({
    method: 'PUT',
    path: owner.path,
    summary: 'Replace metadata',
    policy: owner.rules.update,
    body: wholeBody,
    status: 200,
    handler: async (ctx, request) => ({ metadata: await change(owner, ctx, idOf(request), () => request.body.metadata) }),
  }),
  operation({
    method: 'GET',
    path: `${owner.path}/:key`,
    summary: 'Show one key of the metadata',
    policy: owner.rules.read,
    status: 200,
    async handler(ctx, request) {
      const value = (await owner.get(ctx, idOf(request)))[keyOf(request)]
      if (value === undefined) throw missingKey(keyOf(request))
      return { meta: { [keyOf(request)]: value } }
    },
  }),
  operation({
    method: 'PUT',
    path: `${owner.path}/:key`,
    summary: 'Set one key of the metadata',
    policy: owner.rules.update,
    body: keyBody,
    status: 200,
    async handler(ctx, request) {
      const { meta } = request.body
      if (!(keyOf(request) in meta)) throw badRequest('Request body and URI mismatch')
      if (Object.keys(meta).length > 1) throw badRequest('Request body contains too many items')
      await change(owner, ctx, idOf(request), (known) => ({ ...known, ...meta }))
      return { meta }
    },
  }),
  operation({
    method: 'DELETE',
    path: `${owner.path}/:key`,
    summary: 'Remove one key of the metadata',
    policy: owner.rules.remove,
    status: 200,
    async handler(ctx, request) {
      await change(owner, ctx, idOf(request), (known) => {
        const { [keyOf(request)]: gone, ...rest } = known
        if (gone === undefined) throw missingKey(keyOf(request))
        return rest
      })
    },
  }),
]

export const metadataOperations: Operation[] = owners.flatMap(operationsOf)
