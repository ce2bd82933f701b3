// SQL of attachments: who may write to a volume. They decide; a host only carries out.
import { page, type PageRequest } from '../../platform/store/page.ts'
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export type AttachmentStatus = 'reserved' | 'attaching' | 'attached' | 'detaching' | 'error_attaching' | 'error_detaching'

export interface AttachmentRow {
  id: string
  volume_id: string
  server_id: string | null
  project_id: string
  user_id: string
  attached_host: string | null
  mountpoint: string | null
  /** 'rw' or 'ro' */
  attach_mode: string | null
  status: AttachmentStatus
  /** 1: made by the compute service for a guest; only that may take it away (attack 21) */
  owned: number
  /** JSON: what a client said about itself */
  connector: string | null
  /** JSON of VolumeConnection */
  connection: string | null
  created_at: string
  attached_at: string | null
  detached_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

export const attachmentFetch = (db: Db, id: string) => q(db).selectFrom('volume_attachments').selectAll().where('id', '=', id).executeTakeFirst()

export const attachmentsFetch = (db: Db, ids: string[]) => q(db).selectFrom('volume_attachments').selectAll().where(idsIn(db, 'id', ids)).execute()

export const attachmentInsert = (db: Db, row: AttachmentRow) => q(db).insertInto('volume_attachments').values(row).execute()

export const attachmentUpdate = (db: Db, id: string, change: Partial<AttachmentRow>) =>
  q(db).updateTable('volume_attachments').set(change).where('id', '=', id).execute()

/** Compare and set on the status; false when it was another. */
export async function attachmentAdvance(db: Db, id: string, from: AttachmentStatus[], change: Partial<AttachmentRow>): Promise<boolean> {
  const result = await q(db).updateTable('volume_attachments').set(change).where('id', '=', id).where('status', 'in', from).executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

export const attachmentDelete = (db: Db, id: string) => q(db).deleteFrom('volume_attachments').where('id', '=', id).execute()

export const attachmentsDeleteOfVolume = (db: Db, volumeId: string) => q(db).deleteFrom('volume_attachments').where('volume_id', '=', volumeId).execute()

export const attachmentsOfVolume = (db: Db, volumeId: string) =>
  q(db).selectFrom('volume_attachments').selectAll().where('volume_id', '=', volumeId).orderBy('created_at').orderBy('id').execute()

export const attachmentsOfVolumes = (db: Db, volumeIds: string[]) =>
  q(db).selectFrom('volume_attachments').selectAll().where(idsIn(db, 'volume_id', volumeIds)).orderBy('created_at').orderBy('id').execute()

/** With what the caller wants to know of the volume, in one query. */
export const attachmentsOfServersFetch = (db: Db, serverIds: string[]) =>
  q(db)
    .selectFrom('volume_attachments')
    .innerJoin('volumes', 'volumes.id', 'volume_attachments.volume_id')
    .selectAll('volume_attachments')
    .select(['volumes.size', 'volumes.multiattach', 'volumes.bootable'])
    .where(idsIn(db, 'volume_attachments.server_id', serverIds))
    .orderBy('volume_attachments.created_at')
    .orderBy('volume_attachments.id')
    .execute()

export interface AttachmentFilters {
  projectId: string | undefined
  volumeId?: string | undefined
  serverId?: string | undefined
  status?: string | undefined
}

export function attachmentsPage(db: Db, filters: AttachmentFilters, request: PageRequest): Promise<AttachmentRow[]> {
  let query = q(db).selectFrom('volume_attachments').selectAll()
  if (filters.projectId !== undefined) query = query.where('project_id', '=', filters.projectId)
  if (filters.volumeId !== undefined) query = query.where('volume_id', '=', filters.volumeId)
  if (filters.serverId !== undefined) query = query.where('server_id', '=', filters.serverId)
  if (filters.status !== undefined) query = query.where('status', '=', filters.status as AttachmentStatus)
  return page(query, request).execute()
}
