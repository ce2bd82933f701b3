// createImage and createBackup.
import { Type } from '../../../platform/api/type.ts'
import { Reply } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { serverBackup, serverImageCreate } from './image.ts'
import { metadata, name, nonNegativeInteger, open } from '../../routes/schemas.ts'
import { action } from '../routes/action.ts'

/** Since 2.45 the image's id is in the body, before in the Location. */
function answer(ctx: Context, imageId: string | null): Reply {
  if (imageId === null) return new Reply(undefined)
  if (ctx.microversion.atLeast('2.45')) return new Reply({ image_id: imageId })
  return new Reply(undefined, { headers: { location: `${ctx.config.publicUrl}/image/images/${imageId}` } })
}

export const imageActions = [
  action('createImage', 'Make an image of a server', 'servers:create_image', {
    body: open({ name, metadata }, ['name']),
    async handler(ctx, id, body) {
      return answer(ctx, await serverImageCreate(ctx, id, { name: body.name.trim(), metadata: body.metadata ?? {} }))
    },
  }),
  action('createBackup', 'Make a backup of a server', 'os-create-backup', {
    body: open({ name, backup_type: Type.String(), rotation: nonNegativeInteger, metadata }, ['name', 'backup_type', 'rotation']),
    async handler(ctx, id, body) {
      const wanted = {
        name: body.name.trim(),
        metadata: body.metadata ?? {},
        backupType: body.backup_type,
        rotation: Number(body.rotation),
      }
      return answer(ctx, await serverBackup(ctx, id, wanted))
    },
  }),
]
