// Metadata of volumes and snapshots: the whole, merged or replaced, and single keys.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import type { DeclaredResource } from '../../platform/api/resource.ts'
import { snapshotUpdate, snapshotRowGet } from '../snapshots.ts'
import { volumeUpdate, volumeRowGet } from '../volumes.ts'
import { metadata } from './bodies.ts'
import { snapshots, volumes } from './resources.ts'

type Map = Record<string, string>

/** A resource with metadata: how it is read and written, and by which rules. */
interface Owner {
  of: DeclaredResource
  rules: { read: string; create: string; update: string; remove: string }
  get(ctx: Context, id: string): Promise<Map>
  set(ctx: Context, id: string, value: Map): Promise<unknown>
}

const owners: Owner[] = [
  {
    of: volumes,
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
    of: snapshots,
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
  owner.of.below('/metadata', {
    summary: 'Show metadata',
    policy: owner.rules.read,
    handler: async (ctx, id) => ({ metadata: await owner.get(ctx, id) }),
  }),
  owner.of.below('/metadata', {
    method: 'POST',
    summary: 'Add metadata',
    policy: owner.rules.create,
    body: wholeBody,
    handler: async (ctx, id, request) => ({
      metadata: await change(owner, ctx, id, (known) => ({ ...known, ...request.body.metadata })),
    }),
  }),
  owner.of.below('/metadata', {
    method: 'PUT',
    summary: 'Replace metadata',
    policy: owner.rules.update,
    body: wholeBody,
    handler: async (ctx, id, request) => ({ metadata: await change(owner, ctx, id, () => request.body.metadata) }),
  }),
  owner.of.below('/metadata/:key', {
    summary: 'Show one key of the metadata',
    policy: owner.rules.read,
    async handler(ctx, id, request) {
      const value = (await owner.get(ctx, id))[keyOf(request)]
      if (value === undefined) throw missingKey(keyOf(request))
      return { meta: { [keyOf(request)]: value } }
    },
  }),
  owner.of.below('/metadata/:key', {
    method: 'PUT',
    summary: 'Set one key of the metadata',
    policy: owner.rules.update,
    body: keyBody,
    async handler(ctx, id, request) {
      const { meta } = request.body
      if (!(keyOf(request) in meta)) throw badRequest('Request body and URI mismatch')
      if (Object.keys(meta).length > 1) throw badRequest('Request body contains too many items')
      await change(owner, ctx, id, (known) => ({ ...known, ...meta }))
      return { meta }
    },
  }),
  owner.of.below('/metadata/:key', {
    method: 'DELETE',
    summary: 'Remove one key of the metadata',
    policy: owner.rules.remove,
    async handler(ctx, id, request) {
      await change(owner, ctx, id, (known) => {
        const { [keyOf(request)]: gone, ...rest } = known
        if (gone === undefined) throw missingKey(keyOf(request))
        return rest
      })
    },
  }),
]

export const metadataOperations: Operation[] = owners.flatMap(operationsOf)
