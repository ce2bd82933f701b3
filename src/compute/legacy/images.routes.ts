// /images: Glance's, as Nova showed them until 2.35; their metadata until 2.38.
import Type from 'typebox'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { glanceQuery, imageDelete, imageFetch, imageMetadataSet, imagesList, metadataOf, propertyOf, type GlanceImage } from './images.ts'
import { proxied } from './neighbours.ts'
import { imageBrief, imageFull } from './images.view.ts'
import { nextLink } from '../../platform/api/list.ts'
import { metadata, wrapped } from '../routes/schemas.ts'

const policy = 'os_compute_api:images'
const withMetadata: [null, string] = [null, '2.38']
const id = ({ params }: ApiRequest<unknown>) => params['id'] ?? ''

/** Glance's parameters come along. */
const imagesQuery = Type.Unsafe<Record<string, string | string[] | number>>(
  Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
)

const list = (path: string, view: (ctx: Context, image: GlanceImage) => object) =>
  operation({
    method: 'GET',
    path,
    summary: 'List images',
    policy,
    versions: proxied,
    status: 200,
    query: imagesQuery,
    async handler(ctx, request) {
      ctx.authorize()
      const asked = Object.fromEntries(
        Object.entries(request.query).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : String(value)]),
      )
      const limit = Number(asked['limit'] ?? 0) || ctx.config.maxPageSize
      const images = await imagesList(ctx, glanceQuery({ ...asked, limit: String(limit) }))
      return {
        images: images.map((image) => view(ctx, image)),
        ...nextLink(ctx, 'images', { url: request.url, limit, rows: images.length, marker: images.at(-1)?.id }),
      }
    },
  })

type Metadata = Record<string, string>

/** A change of the metadata: from what it was to what it shall be; shows what `shown` makes of the outcome. */
const change = (method: 'POST' | 'PUT', make: (before: Metadata, given: Metadata) => Metadata) =>
  operation({
    method,
    path: '/images/:id/metadata',
    summary: 'Change an image’s metadata',
    policy,
    versions: withMetadata,
    status: 200,
    body: wrapped('metadata', metadata),
    async handler(ctx, request) {
      ctx.authorize()
      const image = await imageFetch(ctx, id(request))
      return { metadata: await imageMetadataSet(ctx, image, make(metadataOf(image), request.body.metadata)) }
    },
  })

export const imageOperations: Operation[] = [
  list('/images', imageBrief),
  list('/images/detail', imageFull),
  operation({
    method: 'GET',
    path: '/images/:id',
    summary: 'Show an image',
    policy,
    versions: proxied,
    status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      return { image: imageFull(ctx, await imageFetch(ctx, id(request))) }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/images/:id',
    summary: 'Delete an image',
    policy,
    versions: proxied,
    status: 204,
    async handler(ctx, request) {
      ctx.authorize()
      await imageDelete(ctx, id(request))
    },
  }),
  operation({
    method: 'GET',
    path: '/images/:id/metadata',
    summary: 'Show an image’s metadata',
    policy,
    versions: withMetadata,
    status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      return { metadata: metadataOf(await imageFetch(ctx, id(request))) }
    },
  }),
  change('POST', (before, given) => ({ ...before, ...given })),
  change('PUT', (_before, given) => given),
  operation({
    method: 'GET',
    path: '/images/:id/metadata/:key',
    summary: 'Show one item of an image’s metadata',
    policy,
    versions: withMetadata,
    status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      const key = request.params['key'] ?? ''
      return { meta: { [key]: propertyOf(metadataOf(await imageFetch(ctx, id(request))), key) } }
    },
  }),
  operation({
    method: 'PUT',
    path: '/images/:id/metadata/:key',
    summary: 'Set one item of an image’s metadata',
    policy,
    versions: withMetadata,
    status: 200,
    body: wrapped('meta', Type.Unsafe<Metadata>({ ...metadata, minProperties: 1, maxProperties: 1 })),
    async handler(ctx, request) {
      ctx.authorize()
      const { meta } = request.body
      if (!((request.params['key'] ?? '') in meta)) throw badRequest('Request body and URI mismatch')
      const image = await imageFetch(ctx, id(request))
      await imageMetadataSet(ctx, image, { ...metadataOf(image), ...meta })
      return { meta }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/images/:id/metadata/:key',
    summary: 'Delete one item of an image’s metadata',
    policy,
    versions: withMetadata,
    status: 204,
    async handler(ctx, request) {
      ctx.authorize()
      const image = await imageFetch(ctx, id(request))
      const { [request.params['key'] ?? '']: gone, ...rest } = metadataOf(image)
      if (gone === undefined) propertyOf({}, '')
      await imageMetadataSet(ctx, image, rest)
    },
  }),
]
