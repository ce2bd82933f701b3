// Glance's images as Nova knew them: what is not an attribute is metadata.
import type { Context } from '../../platform/context.ts'
import { forbidden, notFound } from '../../platform/errors.ts'
import { quotaLimits } from '../../platform/quota.ts'
import { table } from '../../platform/table.ts'
import { computeQuotas } from '../quotas/defaults.ts'
import type { GlanceImage } from './answers.ts'
import { neighbour, translated } from './neighbours.ts'

const attributes = new Set(
  (
    'id name status visibility protected os_hidden checksum os_hash_algo os_hash_value owner size virtual_size container_format disk_format created_at updated_at ' +
    'min_disk min_ram tags self file schema locations direct_url stores'
  ).split(' '),
)

export const metadataOf = (image: GlanceImage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(image).flatMap(([name, value]) => (attributes.has(name) || value === null ? [] : [[name, String(value)]])),
  )

const missing = 'Image not found.'

export const imageFetch = (ctx: Context, id: string): Promise<GlanceImage> =>
  translated(
    neighbour(ctx, 'GET /images/:id', { id }),
    { not_found: 'not_found', bad_request: 'not_found', forbidden: 'not_found' },
    missing,
  )

export const imageDelete = (ctx: Context, id: string): Promise<void> =>
  translated(neighbour(ctx, 'DELETE /images/:id', { id }), { not_found: 'not_found', bad_request: 'not_found' }, missing)

const filterNames: Record<string, string> = table({
  name: 'name',
  status: 'status',
  server: 'instance_uuid',
  type: 'image_type',
  minRam: 'min_ram',
  minDisk: 'min_disk',
})

/** Nova's filters in Glance's words; `server` may be a link to one. */
export function glanceQuery(asked: Record<string, string | undefined>): Record<string, string> {
  const query: Record<string, string> = table()
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined) continue
    if (name === 'server') query['instance_uuid'] = value.split('/').at(-1) ?? value
    else if (name === 'status') query['status'] = value.toLowerCase()
    else if (name === 'changes-since') query['updated_at'] = `gte:${value}`
    else if (name === 'limit' || name === 'marker') query[name] = value
    else if (name in filterNames) query[filterNames[name] ?? name] = value
    else if (name.startsWith('property-')) query[name.slice('property-'.length)] = value
  }
  return query
}

export const imagesList = async (ctx: Context, query: Record<string, string>): Promise<GlanceImage[]> =>
  (await neighbour(ctx, 'GET /images', { query })).images

/** Makes an image's properties these: sets what is new or other, removes what is not named. */
export async function imageMetadataSet(ctx: Context, image: GlanceImage, wanted: Record<string, string>): Promise<Record<string, string>> {
  const limits = await quotaLimits(ctx.db, 'compute', ctx.projectId, computeQuotas)
  const most = limits['metadata_items'] ?? -1
  if (most >= 0 && Object.keys(wanted).length > most) throw forbidden('Image metadata limit exceeded')
  const before = metadataOf(image)
  const path = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const body = [
    ...Object.keys(before)
      .filter((name) => !(name in wanted))
      .map((name) => ({ op: 'remove', path: path(name) })),
    ...Object.entries(wanted)
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => ({ op: name in before ? 'replace' : 'add', path: path(name), value })),
  ]
  if (body.length === 0) return before
  const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' }
  const changed = await translated(
    neighbour(ctx, 'PATCH /images/:id', { id: image.id, body, headers }),
    { not_found: 'not_found' },
    missing,
  )
  return metadataOf(changed)
}

/** One property, or 404. */
export function propertyOf(metadata: Record<string, string>, name: string): string {
  const value = metadata[name]
  if (value === undefined) throw notFound('Invalid metadata key')
  return value
}
