// What a request to import an image must be, in Glance's order: the body's form, then the image's state, then the policy,
// then where the data is to come from. Nothing here changes anything.
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict } from '../platform/errors.ts'
import { guardedCheck } from '../platform/guarded-fetch/fetch.ts'
import { outbound } from '../platform/guarded-fetch/outbound.ts'
import { GuardError } from '../platform/guarded-fetch/rules.ts'
import { isUuidLike } from '../platform/ids.ts'
import { imageRowGet } from './images.ts'
import { storesOf, type StoreChoice } from './stores.ts'
import type { ImageRow } from './store/images.ts'

export const importMethods = ['glance-direct', 'web-download', 'copy-image', 'glance-download'] as const
export type ImportMethod = (typeof importMethods)[number]

export interface ImportRequest extends StoreChoice {
  method?: {
    name?: unknown
    uri?: unknown
    glance_region?: unknown
    glance_image_id?: unknown
    glance_service_interface?: unknown
    [field: string]: unknown
  }
  all_stores_must_succeed?: unknown
  [field: string]: unknown
}

/** The method that the body names; throws 400. */
export function importMethodOf(request: ImportRequest): ImportMethod {
  const { method } = request
  if (method === undefined) throw badRequest("Import request requires a 'method' field.")
  if (method.name === undefined) throw badRequest("Import request requires a 'name' field.")
  const found = importMethods.find((known) => known === method.name)
  if (!found) throw badRequest(`Unknown import method name '${String(method.name).slice(0, 255)}'.`)
  for (const flag of ['all_stores_must_succeed', 'all_stores']) {
    if (request[flag] !== undefined && typeof request[flag] !== 'boolean') throw badRequest(`'${flag}' must be boolean value only`)
  }
  return found
}

/** The image, if the method may be used on it by this actor; throws 404, 409, 400, 403. */
export async function imageForImport(ctx: Context, id: string, method: ImportMethod, request: ImportRequest): Promise<ImageRow> {
  const image = await imageRowGet(ctx, id, 'get_image')
  const { status } = image
  if (status === 'active' && method !== 'copy-image') throw conflict('Image with status active cannot be target for import')
  if (status !== 'active' && method === 'copy-image') throw conflict('Only images with status active can be targeted for copying')
  if (status !== 'queued' && (method === 'web-download' || method === 'glance-download'))
    throw conflict(`Image needs to be in 'queued' state to use '${method}' method`)
  if (status !== 'uploading' && method === 'glance-direct')
    throw conflict("Image needs to be staged before 'glance-direct' method can be used")
  if (image.container_format === null) throw conflict("'container_format' needs to be set before import")
  if (image.disk_format === null) throw conflict("'disk_format' needs to be set before import")
  if (method === 'glance-download') checkRemote(request)
  await imageRowGet(ctx, id, method === 'copy-image' ? 'copy_image' : 'modify_image')
  storesOf(request, 409)
  return image
}

function checkRemote({ method = {} }: ImportRequest): void {
  for (const field of ['glance_region', 'glance_image_id'] as const) {
    if (method[field] === undefined) throw badRequest(`'${field}' needs to be set for glance-download import method`)
    if (typeof method[field] !== 'string') throw badRequest(`'${field}' must be a string`)
  }
  if (!isUuidLike(method.glance_image_id as string))
    throw badRequest(`Remote image id does not look like a UUID: ${(method.glance_image_id as string).slice(0, 255)}`)
}

const lookUpMs = 5000

/** Throws 400 when what the method is may not go there; asks the name server, and so never in a transaction. */
export async function checkSource(ctx: Context, uri: unknown, what: 'web-download' | 'location'): Promise<string> {
  const refused = (cause?: unknown) =>
    new ApiError('bad_request', `URI for ${what} does not pass filtering: ${String(uri).slice(0, 1024)}`, { cause })
  if (typeof uri !== 'string' || uri === '') throw refused()
  await guardedCheck({ ...outbound(ctx), url: uri, silenceMs: lookUpMs }).catch((error: unknown) => {
    throw error instanceof GuardError ? refused(error) : error
  })
  return uri
}
