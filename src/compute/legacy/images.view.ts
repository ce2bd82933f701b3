// Glance's images as Nova showed them: properties are metadata, times have no fraction, statuses are in capitals.
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import type { GlanceImage } from './answers.ts'
import { metadataOf } from './images.ts'
import { links } from '../views/links.ts'

const statuses: Record<string, [status: string, progress: number]> = table({
  active: ['ACTIVE', 100],
  queued: ['SAVING', 25],
  saving: ['SAVING', 50],
  deleted: ['DELETED', 0],
  pending_delete: ['DELETED', 0],
  killed: ['ERROR', 0],
})

const seconds = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z')

export const imageBrief = (ctx: Context, image: GlanceImage) => ({
  id: image.id,
  name: image.name,
  links: [
    ...links(ctx, 'images', image.id),
    { rel: 'alternate', type: 'application/vnd.openstack.image', href: `${ctx.config.publicUrl}/image/images/${image.id}` },
  ],
})

export function imageFull(ctx: Context, image: GlanceImage) {
  const metadata = metadataOf(image)
  const [status, progress] = statuses[image.status] ?? ['UNKNOWN', 0]
  const { instance_uuid: serverId, auto_disk_config: autoDisk } = metadata
  return {
    ...imageBrief(ctx, image),
    minRam: image.min_ram,
    minDisk: image.min_disk,
    metadata,
    created: seconds(image.created_at),
    updated: seconds(image.updated_at),
    status,
    progress,
    'OS-EXT-IMG-SIZE:size': image.size ?? 0,
    ...(serverId === undefined ? {} : { server: { id: serverId, links: links(ctx, 'servers', serverId) } }),
    ...(autoDisk === undefined ? {} : { 'OS-DCF:diskConfig': /^(1|t|true|on|y|yes)$/i.test(autoDisk) ? 'AUTO' : 'MANUAL' }),
  }
}
