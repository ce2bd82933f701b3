// /v2/images: records. Bodies are held against the schema that /v2/schemas/image shows.
import Type from 'typebox'
import { ApiError, assert, badRequest, forbidden } from '../../platform/errors.ts'
import { mediaTypeOf } from '../../platform/api/body.ts'
import type { MediaRule } from '../../platform/api/media-types.ts'
import { validateBody } from '../../platform/api/validate.ts'
import { operation, Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { table } from '../../platform/table.ts'
import { imageList, type Query } from '../image-filters.ts'
import { parsePatch, patchMediaTypes, readOnlyAttributes } from '../image-patch.ts'
import { imageBodySchema } from '../image-schema.ts'
import { imagePatch, imageTagCreate, imageTagDelete } from '../image-update.ts'
import { imageCreate, imageDelete, imageGetFull, imageSwitch, type ImageDraft } from '../images.ts'
import { importMethods } from '../import-request.ts'
import { defaultStore } from '../stores.ts'
import { checkReserved, isAttribute } from '../reserved-names.ts'
import { imagesView, imageView } from '../views/images.ts'

type Body = Record<string, unknown>
const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const anyObject = Type.Unsafe<Body>(imageBodySchema as never)

/** A body's attributes as they are, everything else as additional properties. */
function draftOf(body: Body): ImageDraft {
  const draft: Record<string, unknown> = table()
  const properties = table<string | null>()
  for (const [name, value] of Object.entries(body)) {
    if (name === 'locations') throw forbidden("Attribute 'locations' is reserved.")
    if (name === 'stores' || (readOnlyAttributes.has(name) && name !== 'id')) throw forbidden(`Attribute '${name}' is read-only.`)
    checkReserved(name)
    if (isAttribute(name)) draft[name] = value
    else if (name.length > 255) throw badRequest('Custom property should not be greater than 255 characters.')
    else properties[name] = value as string | null
  }
  return { ...draft, properties }
}

const patchMedia: MediaRule = ({ mediaType, present }) => {
  if (patchMediaTypes.has(mediaType ?? '')) return present ? 'json' : 'none'
  const allowed = [...patchMediaTypes.keys()].sort().join(', ')
  throw new ApiError('unsupported_media_type', `Image PATCH expects Content-Type one of: ${allowed}`, {
    headers: { 'accept-patch': allowed },
  })
}

/** The same of what came as part of another body. */
export function checkedDraft(body: Body): ImageDraft {
  validateBody(anyObject, body)
  return draftOf(body)
}

export const imageOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/images',
    summary: 'List images',
    policy: 'get_images',
    status: 200,
    async handler(ctx, request) {
      const { images, nextMarker } = await imageList(ctx, request.query as Query)
      return imagesView(images, request.query as Query, nextMarker)
    },
  }),
  operation({
    method: 'POST',
    path: '/images',
    summary: 'Create an image',
    policy: 'add_image',
    body: anyObject,
    status: 201,
    async handler(ctx, { body }) {
      const image = await imageCreate(ctx, draftOf(body))
      const location = `${ctx.config.publicUrl}/image/v2/images/${image.id}`
      return new Reply(imageView(image), {
        headers: { location, 'openstack-image-import-methods': importMethods.join(','), 'openstack-image-store-ids': defaultStore },
      })
    },
  }),
  operation({
    method: 'GET',
    path: '/images/:id',
    summary: 'Show an image',
    policy: 'get_image',
    status: 200,
    handler: async (ctx, request) => imageView(await imageGetFull(ctx, idOf(request))),
  }),
  operation({
    method: 'PATCH',
    path: '/images/:id',
    summary: 'Update an image',
    policy: 'modify_image',
    status: 200,
    media: patchMedia,
    body: Type.Unsafe<unknown>({}),
    async handler(ctx, request) {
      const draft = patchMediaTypes.get(mediaTypeOf(request.headers) ?? '')
      assert(draft, 'a patch of another media type')
      return imageView(await imagePatch(ctx, idOf(request), parsePatch(request.body, draft), draft))
    },
  }),
  operation({
    method: 'DELETE',
    path: '/images/:id',
    summary: 'Delete an image',
    policy: 'delete_image',
    status: 204,
    handler: (ctx, request) => imageDelete(ctx, idOf(request)),
  }),
  operation({
    method: 'POST',
    path: '/images/:id/actions/deactivate',
    summary: 'Deactivate an image',
    policy: 'deactivate',
    status: 204,
    handler: (ctx, request) => imageSwitch(ctx, idOf(request), 'deactivated'),
  }),
  operation({
    method: 'POST',
    path: '/images/:id/actions/reactivate',
    summary: 'Reactivate an image',
    policy: 'reactivate',
    status: 204,
    handler: (ctx, request) => imageSwitch(ctx, idOf(request), 'active'),
  }),
  operation({
    method: 'PUT',
    path: '/images/:id/tags/:tag',
    summary: 'Add a tag',
    policy: 'modify_image',
    status: 204,
    async handler(ctx, request) {
      const tag = request.params['tag'] ?? ''
      if (tag.length > 255) throw badRequest("Provided object does not match schema 'image': a tag is longer than 255 characters")
      await imageTagCreate(ctx, idOf(request), tag)
    },
  }),
  operation({
    method: 'DELETE',
    path: '/images/:id/tags/:tag',
    summary: 'Remove a tag',
    policy: 'modify_image',
    status: 204,
    handler: (ctx, request) => imageTagDelete(ctx, idOf(request), request.params['tag'] ?? ''),
  }),
]
