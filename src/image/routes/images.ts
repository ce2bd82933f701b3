// /v2/images: records. Bodies are held against the schema that /v2/schemas/image shows.
import { Type } from '../../platform/api/type.ts'
import { ApiError, assert, badRequest, forbidden } from '../../platform/errors.ts'
import { mediaTypeOf } from '../../platform/api/body.ts'
import type { MediaRule } from '../../platform/api/media-types.ts'
import { validateBody } from '../../platform/api/validate.ts'
import { Reply, type Operation } from '../../platform/api/operation.ts'
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
import { images } from './resources.ts'

type Body = Record<string, unknown>
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
  images.list({
    async handler(ctx, request) {
      const { images: found, nextMarker } = await imageList(ctx, request.query as Query)
      return imagesView(found, request.query as Query, nextMarker)
    },
  }),
  images.create({
    body: anyObject,
    async handler(ctx, { body }) {
      const image = await imageCreate(ctx, draftOf(body))
      const location = `${ctx.config.publicUrl}/image/v2/images/${image.id}`
      return new Reply(imageView(image), {
        headers: { location, 'openstack-image-import-methods': importMethods.join(','), 'openstack-image-store-ids': defaultStore },
      })
    },
  }),
  images.show({ handler: async (ctx, id) => imageView(await imageGetFull(ctx, id)) }),
  images.update({
    media: patchMedia,
    body: Type.Unsafe<unknown>({}),
    async handler(ctx, id, request) {
      const draft = patchMediaTypes.get(mediaTypeOf(request.headers) ?? '')
      assert(draft, 'a patch of another media type')
      return imageView(await imagePatch(ctx, id, parsePatch(request.body, draft), draft))
    },
  }),
  images.delete({ handler: (ctx, id) => imageDelete(ctx, id) }),
  images.below('/actions/deactivate', {
    method: 'POST',
    summary: 'Deactivate an image',
    policy: 'deactivate',
    status: 204,
    handler: (ctx, id) => imageSwitch(ctx, id, 'deactivated'),
  }),
  images.below('/actions/reactivate', {
    method: 'POST',
    summary: 'Reactivate an image',
    policy: 'reactivate',
    status: 204,
    handler: (ctx, id) => imageSwitch(ctx, id, 'active'),
  }),
  images.below('/tags/:tag', {
    method: 'PUT',
    summary: 'Add a tag',
    policy: 'modify_image',
    status: 204,
    async handler(ctx, id, { params }) {
      const tag = params['tag'] ?? ''
      if (tag.length > 255) throw badRequest("Provided object does not match schema 'image': a tag is longer than 255 characters")
      await imageTagCreate(ctx, id, tag)
    },
  }),
  images.below('/tags/:tag', {
    method: 'DELETE',
    summary: 'Remove a tag',
    policy: 'modify_image',
    status: 204,
    handler: (ctx, id, { params }) => imageTagDelete(ctx, id, params['tag'] ?? ''),
  }),
]
