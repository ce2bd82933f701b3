// The backups of a server: images that compute marked with their server and their kind, newest first.
import type { Context } from '../platform/context.ts'
import { imagesWithProperties } from './store/image-properties.ts'

/** For the rotation of backups; asked by the cloud on its own behalf. */
export const imagesOfServer = async (ctx: Context, serverId: string, backupType: string): Promise<{ id: string }[]> =>
  imagesWithProperties(ctx.db, { instance_uuid: serverId, image_type: 'backup', backup_type: backupType })
