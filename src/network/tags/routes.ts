// /:collection/:id/tags. One declaration for each resource that has tags.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { table } from '../../platform/table.ts'
import { isObject } from '../api/readers.ts'
import { invalidInput } from '../faults.ts'
import { tagCheck, tagNotFound, tagsUpdate, tagsCheck, tagsGet } from './tags.ts'

/** collection → the resource's name in rules */
const collections: Record<string, string> = table({
  networks: 'network',
  subnets: 'subnet',
  ports: 'port',
  routers: 'router',
  floatingips: 'floatingip',
  'security-groups': 'security_group',
  subnetpools: 'subnetpool',
})
const tagsBody = Type.Union([Type.Object({ tags: Type.Array(Type.String({ maxLength: 255 })) }), Type.Unknown()])

function tagOperations([collection, name]: [string, string]): Operation[] {
  const path = `/${collection}/:id/tags`
  const policy = (verb: 'get' | 'update' | 'delete') => `${verb}_${name}:tags`
  const at = (params: Record<string, string>) => ({ collection, id: params['id'] ?? '' })
  return [
    operation({
      method: 'GET',
      path,
      summary: 'List tags',
      policy: policy('get'),
      status: 200,
      handler: async (ctx, { params }) => ({ tags: await tagsGet(ctx, collection, params['id'] ?? '') }),
    }),
    operation({
      method: 'PUT',
      path,
      summary: 'Replace all tags',
      policy: policy('update'),
      status: 200,
      bodyOptional: true,
      body: tagsBody,
      async handler(ctx, { params, body }) {
        if (!isObject(body) || !('tags' in body)) throw invalidInput('Invalid tags body')
        const tags = tagsCheck(body['tags'])
        return { tags: await tagsUpdate(ctx, at(params), () => tags) }
      },
    }),
    operation({
      method: 'DELETE',
      path,
      summary: 'Remove all tags',
      policy: policy('delete'),
      status: 204,
      async handler(ctx, { params }) {
        await tagsUpdate(ctx, at(params), () => [])
        return new Reply(undefined, { status: 204 })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:tag`,
      summary: 'Confirm a tag',
      policy: policy('get'),
      status: 204,
      async handler(ctx, { params }) {
        if (!(await tagsGet(ctx, collection, params['id'] ?? '')).includes(params['tag'] ?? '')) throw tagNotFound(params['tag'] ?? '')
        return new Reply(undefined, { status: 204 })
      },
    }),
    operation({
      method: 'PUT',
      path: `${path}/:tag`,
      summary: 'Add a tag',
      policy: policy('update'),
      status: 201,
      async handler(ctx, { params }) {
        const tag = tagCheck(params['tag'])
        await tagsUpdate(ctx, at(params), (held) => [...held, tag])
        return new Reply('null', { status: 201 })
      },
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:tag`,
      summary: 'Remove a tag',
      policy: policy('delete'),
      status: 204,
      async handler(ctx, { params }) {
        const tag = params['tag'] ?? ''
        await tagsUpdate(ctx, at(params), (held) => {
          if (!held.includes(tag)) throw tagNotFound(tag)
          return held.filter((other) => other !== tag)
        })
        return new Reply(undefined, { status: 204 })
      },
    }),
  ]
}

export const tagsOperations: Operation[] = Object.entries(collections).flatMap(tagOperations)
