// The backups of a server: images that compute marked with their server and their kind, newest first.
import type { Context } from '../platform/context.ts'
import { imagesWithProperties } from './store/image-properties.ts'

/** For the rotation of backups: its project's own images only, since anybody may write such properties on theirs. No permission is asked. */
export const imagesOfServer = async (
  ctx: Context,
  server: { id: string; projectId: string },
  backupType: string,
): Promise<{ id: string }[]> =>
  imagesWithProperties(ctx.db, server.projectId, { instance_uuid: server.id, image_type: 'backup', backup_type: backupType })
