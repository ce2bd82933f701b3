// Image locations (API 2.17). What Glance keeps as a pointer is fetched once here, and kept as a copy: no image ever points
// anywhere but into the store (attack 18), and the bytes are looked at before anybody boots from them. Off by default, as
// Glance is without its http store; `image: {http_locations: true}` in settings.yaml lets projects add URLs.
import { createHash } from 'node:crypto'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, forbidden } from '../platform/errors.ts'
import { bytesAllowed } from './bytes-in.ts'
import { checkSource } from './import-request.ts'
import { importBegin } from './imports.ts'
import { imageRowGet } from './images.ts'
import type { ImageRow } from './store/images.ts'
import { defaultStore } from './stores.ts'
import { taskBegin } from './task-record.ts'

export interface LocationRequest {
  url: string
  validation_data?: { os_hash_algo?: string; os_hash_value?: string }
}

/** Accepts the URL as the place of a queued image's bytes. */
export async function locationAdd(ctx: Context, id: string, request: LocationRequest): Promise<void> {
  const { os_hash_algo: algorithm, os_hash_value: value } = request.validation_data ?? {}
  if ((algorithm === undefined) !== (value === undefined)) throw badRequest('os_hash_algo and os_hash_value need each other')
  const seen = await imageForLocation(ctx, id)
  if (!ctx.config.imageLocations) throw forbidden('http store must be enabled to use location API by normal user.')
  const expected = expectedHash(request.validation_data)
  await bytesAllowed(ctx, seen)
  const uri = await checkSource(ctx, request.url, 'location')
  await ctx.transaction(async (tx) => {
    const image = await imageForLocation(tx, id)
    const task = await taskBegin(tx, {
      type: 'location_import',
      imageId: id,
      input: { image_id: id, loc_url: request.url, validation_data: request.validation_data ?? {} },
    })
    await importBegin(tx, image, { from: { kind: 'web', uri }, taskId: task.id, isNew: false, expected })
  })
}

async function imageForLocation(ctx: Context, id: string): Promise<ImageRow> {
  const image = await imageRowGet(ctx, id, 'get_image')
  if (image.status !== 'queued') throw conflict(`It's not allowed to add locations if image status is ${image.status}.`)
  for (const name of ['container_format', 'disk_format'] as const)
    if (image[name] === null) throw conflict(`'${name}' needs to be set before import`)
  await imageRowGet(ctx, id, 'add_image_location')
  return image
}

function expectedHash({ os_hash_algo: algorithm = 'sha512', os_hash_value: value }: NonNullable<LocationRequest['validation_data']> = {}): {
  algorithm: string
  value: string
} | null {
  if (value === undefined) return null
  if (!/^[0-9a-f]*$/i.test(value) || value.length % 2 !== 0) throw badRequest(`os_hash_value (${value}) is not a valid hexadecimal value`)
  const wanted = createHash(algorithm).digest().length
  if (value.length / 2 !== wanted)
    throw badRequest(`os_hash_value: (${value}) is not the correct size for (${algorithm}) (should be (${wanted}) bytes)`)
  return { algorithm, value: value.toLowerCase() }
}

/** Where an image's bytes are to be had, for services: by this API, never by a path of the store. */
export async function locationList(ctx: Context, id: string): Promise<{ url: string; metadata: { store: string } }[]> {
  await imageRowGet(ctx, id, 'get_image')
  const { status } = await imageRowGet(ctx, id, 'fetch_image_location')
  const hasBytes = status === 'active' || status === 'deactivated'
  return hasBytes ? [{ url: `${ctx.config.publicUrl}/image/v2/images/${id}/file`, metadata: { store: defaultStore } }] : []
}
