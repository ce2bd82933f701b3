// SQL of volumes. Lists are in volume-list.ts.
import { sql } from 'kysely'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { attachmentRows } from './attachments.ts'
import type { VolumeTables } from './tables.ts'

export interface VolumeRow {
  id: string
  project_id: string
  user_id: string
  name: string | null
  description: string | null
  status: string
  /** the status that an operation returns to when it succeeds or is abandoned */
  previous_status: string | null
  /** GiB */
  size: number
  /** GiB it will have when the extend that is under way is through: what quotas count */
  growing_to: number | null
  volume_type_id: string
  availability_zone: string
  /** the machine that holds it; null: not scheduled */
  host: string | null
  bootable: boolean
  multiattach: boolean
  encrypted: boolean
  source_volid: string | null
  snapshot_id: string | null
  group_id: string | null
  migration_status: string | null
  metadata: Record<string, string>
  admin_metadata: Record<string, string>
  /** null: not made from an image */
  image_metadata: Record<string, string> | null
  /** why it is in error, for users */
  reason: string | null
  created_at: string
  updated_at: string | null
  launched_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

export const volumeRows = rows<VolumeRow>('volumes')

/** The row, and whatever attachments it had. */
export async function volumeDeleteWithAttachments(db: Db, id: string): Promise<void> {
  await attachmentRows.delete(db, { volume_id: id })
  await volumeRows.delete(db, id)
}

/** Ends what was under way: the state is again the one before it, which follows attachments that came and went meanwhile. */
export const volumeReturn = (db: Db, id: string, from: 'uploading' | 'extending' | 'downloading', change: Partial<VolumeRow>) =>
  q(db)
    .updateTable('volumes')
    .set({ ...change, growing_to: null, status: sql<string>`coalesce(previous_status, 'available')` })
    .where('id', '=', id)
    .where('status', '=', from)
    .execute()

export interface Held {
  count: number
  gib: number
}

/** GiB that extends under way will add */
export interface Growing {
  growingGib: number
}

const usage = shapedStatement<VolumeTables, { projectId: string; typeId: string | undefined }, Held & Growing>(
  (from, { projectId, typeId }) => {
    const query = from
      .selectFrom('volumes')
      .select([
        sql<number>`count(*)`.as('count'),
        sql<number>`coalesce(sum(size), 0)`.as('gib'),
        sql<number>`coalesce(sum(coalesce(growing_to, size) - size), 0)`.as('growingGib'),
      ])
      .where('project_id', '=', projectId)
    return typeId === undefined ? query : query.where('volume_type_id', '=', typeId)
  },
)
/** What a project holds of volumes, of all types or one. */
export async function volumeUsage(db: Db, projectId: string, typeId?: string): Promise<Held & Growing> {
  const { count, gib, growingGib } = await usage.one(db, { projectId, typeId })
  return { count: Number(count), gib: Number(gib), growingGib: Number(growingGib) }
}

const allocated = statement<VolumeTables, object, Held & Pick<VolumeRow, 'host'>>((from) =>
  from
    .selectFrom('volumes')
    .select(['host', sql<number>`count(*)`.as('count'), sql<number>`sum(size)`.as('gib')])
    .where('host', 'is not', null)
    .groupBy('host'),
)
/** GiB promised per host. */
export async function allocatedByHost(db: Db): Promise<Map<string, Held>> {
  const rows = await allocated.rows(db, {})
  return new Map(rows.map((row) => [row.host ?? '', { count: Number(row.count), gib: Number(row.gib) }]))
}

export const volumesOfGroup = (db: Db, groupId: string) =>
  q(db).selectFrom('volumes').selectAll().where('group_id', '=', groupId).orderBy('created_at').orderBy('id').execute()

export async function volumeTypeInUse(db: Db, typeId: string): Promise<boolean> {
  const row = await q(db).selectFrom('volumes').select('id').where('volume_type_id', '=', typeId).limit(1).executeTakeFirst()
  return row !== undefined
}
