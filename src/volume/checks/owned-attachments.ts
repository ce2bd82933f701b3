// What compute's checks ask of attachments. Exported by index.ts.
import type { Context } from '../../platform/context.ts'
import { attachmentRows, type AttachmentRow } from '../store/attachments.ts'
import { ownedAttachmentsPage } from '../store/checks.ts'

export interface OwnedAttachment {
  id: string
  volumeId: string
  serverId: string | null
  status: string
}

const owned = ({ id, volume_id, server_id, status }: AttachmentRow): OwnedAttachment => ({
  id,
  volumeId: volume_id,
  serverId: server_id,
  status,
})

/** Attachments by id; those that are gone are left out. */
export async function attachmentsByIds(ctx: Context, ids: string[]): Promise<Map<string, OwnedAttachment>> {
  return new Map((await attachmentRows.many(ctx.db, ids)).map((row) => [row.id, owned(row)]))
}

/** A page of the attachments that were made for servers, by id. */
export const attachmentsOwned = async (ctx: Context, after: string, limit: number): Promise<OwnedAttachment[]> =>
  (await ownedAttachmentsPage(ctx.db, after, limit)).map(owned)
