// /images: Glance's, as Nova showed them until 2.35; their metadata until 2.38.
import { Type } from '../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { glanceQuery, imageDelete, imageFetch, imageMetadataSet, imagesList, metadataOf, propertyOf } from './images.ts'
import type { GlanceImage } from './answers.ts'
import { proxied } from './neighbours.ts'
import { imageBrief, imageFull } from './images.view.ts'
import { nextLink } from '../../platform/api/list.ts'
import { metadata, wrapped } from '../routes/schemas.ts'

const withMetadata: [null, string] = [null, '2.38']
const rule = () => 'os_compute_api:images'
const at = (path: string) => resource({ path, one: 'an image', many: 'images', rule, versions: proxied })
const images = at('/images')
const items = resource({
  path: '/images/:id/metadata',
  key: 'key',
  one: 'one item of an image’s metadata',
  many: 'an image’s metadata',
  rule,
  versions: withMetadata,
})
const id = ({ params }: Pick<ApiRequest, 'params'>) => params['id'] ?? ''

/** Glance's parameters come along. */
const imagesQuery = Type.Unsafe<Record<string, string | string[] | number>>(
  Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
)

const list = (path: string, view: (ctx: Context, image: GlanceImage) => object) =>
  at(path).list({
    query: imagesQuery,
    async handler(ctx, request) {
      ctx.authorize()
      const asked = Object.fromEntries(
        Object.entries(request.query).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : String(value)]),
      )
      const limit = Number(asked['limit'] ?? 0) || ctx.config.maxPageSize
      const found = await imagesList(ctx, glanceQuery({ ...asked, limit: String(limit) }))
      return {
        images: found.map((image) => view(ctx, image)),
        ...nextLink(ctx, 'images', { url: request.url, limit, rows: found.length, marker: found.at(-1)?.id }),
      }
    },
  })

type Metadata = Record<string, string>

/** A change of the metadata: from what it was to what it shall be; shows what `shown` makes of the outcome. */
const change = (method: 'POST' | 'PUT', make: (before: Metadata, given: Metadata) => Metadata) =>
  images.below('/metadata', {
    method,
    summary: 'Change an image’s metadata',
    policy: rule(),
    versions: withMetadata,
    status: 200,
    body: wrapped('metadata', metadata),
    async handler(ctx, imageId, { body }) {
      ctx.authorize()
      const image = await imageFetch(ctx, imageId)
      return { metadata: await imageMetadataSet(ctx, image, make(metadataOf(image), body.metadata)) }
    },
  })

export const imageOperations: Operation[] = [
  list('/images', imageBrief),
  list('/images/detail', imageFull),
  images.show({
    async handler(ctx, imageId) {
      ctx.authorize()
      return { image: imageFull(ctx, await imageFetch(ctx, imageId)) }
    },
  }),
  images.delete({
    async handler(ctx, imageId) {
      ctx.authorize()
      await imageDelete(ctx, imageId)
    },
  }),
  items.list({
    summary: 'Show an image’s metadata',
    async handler(ctx, request) {
      ctx.authorize()
      return { metadata: metadataOf(await imageFetch(ctx, id(request))) }
    },
  }),
  change('POST', (before, given) => ({ ...before, ...given })),
  change('PUT', (_before, given) => given),
  items.show({
    async handler(ctx, key, request) {
      ctx.authorize()
      return { meta: { [key]: propertyOf(metadataOf(await imageFetch(ctx, id(request))), key) } }
    },
  }),
  items.update({
    summary: 'Set one item of an image’s metadata',
    body: wrapped('meta', Type.Unsafe<Metadata>({ ...metadata, minProperties: 1, maxProperties: 1 })),
    async handler(ctx, key, request) {
      ctx.authorize()
      const { meta } = request.body
      if (!(key in meta)) throw badRequest('Request body and URI mismatch')
      const image = await imageFetch(ctx, id(request))
      await imageMetadataSet(ctx, image, { ...metadataOf(image), ...meta })
      return { meta }
    },
  }),
  items.delete({
    async handler(ctx, key, request) {
      ctx.authorize()
      const image = await imageFetch(ctx, id(request))
      const { [key]: gone, ...rest } = metadataOf(image)
      if (gone === undefined) propertyOf({}, '')
      await imageMetadataSet(ctx, image, rest)
    },
  }),
]
