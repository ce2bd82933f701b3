// SQL of attachments. Their rows decide who may write to a volume; a host only carries it out.
import type { VolumeConnection } from '../../contract/volumes.ts'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { pagesOf } from './filters.ts'
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
  /** made by the compute service for a guest; only that may take it away (attack 21) */
  owned: boolean
  /** what a client said about itself */
  connector: Record<string, unknown> | null
  connection: VolumeConnection | null
  created_at: string
  attached_at: string | null
  detached_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

export const attachmentRows = rows<AttachmentRow>('volume_attachments')

const ofVolume = statement<VolumeTables, { volumeId: string }, AttachmentRow>((from, { volumeId }) =>
  from.selectFrom('volume_attachments').selectAll().where('volume_id', '=', volumeId).orderBy('created_at').orderBy('id'),
)
export const attachmentsOfVolume = (db: Db, volumeId: string) => ofVolume.rows(db, { volumeId })

const ofVolumes = statement<VolumeTables, { list: string }, AttachmentRow>((from, { list }, db) =>
  from
    .selectFrom('volume_attachments')
    .selectAll()
    .where(inList(db, 'volume_id', list))
    .orderBy('created_at')
    .orderBy('id'),
)
export const attachmentsOfVolumes = (db: Db, volumeIds: string[]) => ofVolumes.rows(db, { list: idList(volumeIds) })

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

export const attachmentsPage = pagesOf(attachmentRows)
