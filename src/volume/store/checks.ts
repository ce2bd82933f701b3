// SQL of what fsck compares: volumes, snapshots and attachments by host or by page, in few columns.
import { sql } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { AttachmentRow } from './attachments.ts'
import type { SnapshotRow } from './snapshots.ts'
import type { VolumeTables } from './tables.ts'
import type { VolumeRow } from './volumes.ts'

const q = (db: Db) => db.as<VolumeTables>()

interface OfHost {
  host: string
}

export type HostVolume = Pick<VolumeRow, 'id' | 'status' | 'size' | 'multiattach'>
const volumes = statement<VolumeTables, OfHost, HostVolume>((from, { host }) =>
  from.selectFrom('volumes').select(['id', 'status', 'size', 'multiattach']).where('host', '=', host),
)
export const volumesOfHost = (db: Db, host: string) => volumes.rows(db, { host })

export type HostSnapshot = Pick<SnapshotRow, 'id' | 'volume_id' | 'status' | 'group_snapshot_id'>
const snapshots = statement<VolumeTables, OfHost, HostSnapshot>((from, { host }) =>
  from
    .selectFrom('volume_snapshots')
    .innerJoin('volumes', 'volumes.id', 'volume_snapshots.volume_id')
    .select(['volume_snapshots.id', 'volume_snapshots.volume_id', 'volume_snapshots.status', 'volume_snapshots.group_snapshot_id'])
    .where('volumes.host', '=', host),
)
export const snapshotsOfHost = (db: Db, host: string) => snapshots.rows(db, { host })

export type HostAttachment = Pick<AttachmentRow, 'id' | 'volume_id' | 'server_id' | 'connection'>
const attachments = statement<VolumeTables, OfHost, HostAttachment>((from, { host }) =>
  from
    .selectFrom('volume_attachments')
    .innerJoin('volumes', 'volumes.id', 'volume_attachments.volume_id')
    .select(['volume_attachments.id', 'volume_attachments.volume_id', 'volume_attachments.server_id', 'volume_attachments.connection'])
    .where('volumes.host', '=', host),
)
export const attachmentsOfHost = (db: Db, host: string) => attachments.rows(db, { host })

/** Attachments that compute made, by page. */
export const ownedAttachmentsPage = (db: Db, after: string, limit: number) =>
  q(db).selectFrom('volume_attachments').selectAll().where('owned', '=', true).where('id', '>', after).orderBy('id').limit(limit).execute()

const movingVolumes = ['creating', 'downloading', 'deleting', 'extending', 'uploading', 'reverting', 'managing', 'unmanaging']
const movingSnapshots = ['creating', 'deleting', 'restoring', 'unmanaging']

export const volumesInTransition = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('volumes')
    .select(['id', 'status', 'previous_status'])
    .where('status', 'in', movingVolumes)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

export const snapshotsInTransition = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('volume_snapshots')
    .select(['id', 'status', 'volume_id', 'group_snapshot_id'])
    .where('status', 'in', movingSnapshots)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

export const groupSnapshotsInTransition = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('volume_group_snapshots')
    .select(['id', 'status'])
    .where('status', 'in', movingSnapshots)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Attachments of volumes that are gone. */
export async function attachmentsAstray(db: Db, limit: number): Promise<{ id: string; volume_id: string; server_id: string | null }[]> {
  const { rows } = await sql<{ id: string; volume_id: string; server_id: string | null }>`
    select a.id, a.volume_id, a.server_id from volume_attachments a
    where not exists (select 1 from volumes v where v.id = a.volume_id) order by a.id limit ${limit}`.execute(db.as<never>())
  return rows
}

/** Volumes for one writer that have several attachments. */
export async function volumesShared(db: Db, limit: number): Promise<{ id: string; attachments: number }[]> {
  const { rows } = await sql<{ id: string; attachments: number }>`
    select v.id, count(*) as attachments from volumes v inner join volume_attachments a on a.volume_id = v.id
    where v.multiattach = 0 group by v.id having count(*) > 1 order by v.id limit ${limit}`.execute(db.as<never>())
  return rows.map((row) => ({ ...row, attachments: Number(row.attachments) }))
}

/** Volumes whose status says that they are attached, or not, and whose attachments say the contrary. */
export async function volumesContradicted(db: Db, limit: number): Promise<{ id: string; status: string }[]> {
  const { rows } = await sql<{ id: string; status: string }>`
    select v.id, v.status from volumes v
    where (v.status = 'available' and exists (select 1 from volume_attachments a where a.volume_id = v.id))
      or (v.status = 'detaching' and v.multiattach = 0 and exists (select 1 from volume_attachments a where a.volume_id = v.id and a.owned = 1 and a.status = 'attached'))
      or (v.status = 'in-use' and not exists (select 1 from volume_attachments a where a.volume_id = v.id and a.status = 'attached'))
    order by v.id limit ${limit}`.execute(db.as<never>())
  return rows
}
