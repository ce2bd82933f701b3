// SQL of volumes. Lists are in volume-list.ts.
import { sql } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface VolumeRow {
  id: string
  project_id: string
  user_id: string
  name: string | null
  description: string | null
  status: string
  /** where an operation that goes well or is given up returns to */
  previous_status: string | null
  /** GiB */
  size: number
  volume_type_id: string
  availability_zone: string
  /** the machine that holds it; null: not scheduled */
  host: string | null
  bootable: number
  multiattach: number
  encrypted: number
  source_volid: string | null
  snapshot_id: string | null
  group_id: string | null
  migration_status: string | null
  /** JSON objects of text */
  metadata: string
  admin_metadata: string
  /** null: not made from an image */
  image_metadata: string | null
  /** why it is in error, for users */
  reason: string | null
  created_at: string
  updated_at: string | null
  launched_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

const fetchOne = statement<VolumeTables, { id: string }, VolumeRow>((from, { id }) => from.selectFrom('volumes').selectAll().where('id', '=', id))
export const volumeFetch = (db: Db, id: string) => fetchOne.first(db, { id })

export const volumesFetch = (db: Db, ids: string[]) => q(db).selectFrom('volumes').selectAll().where(idsIn(db, 'id', ids)).execute()

export const volumeInsert = (db: Db, row: VolumeRow) => q(db).insertInto('volumes').values(row).execute()

export const volumeUpdate = (db: Db, id: string, change: Partial<VolumeRow>) => q(db).updateTable('volumes').set(change).where('id', '=', id).execute()

/** Compare and set: changes the volume if its status is one of these; the row as it is then, or undefined. */
export const volumeAdvance = (db: Db, id: string, from: readonly string[], change: Partial<VolumeRow>): Promise<VolumeRow | undefined> =>
  q(db).updateTable('volumes').set(change).where('id', '=', id).where('status', 'in', from).returningAll().executeTakeFirst()

/** Ends what was under way: the state is again the one before it, which follows attachments that came and went meanwhile. */
export const volumeReturn = (db: Db, id: string, from: 'uploading' | 'extending', change: Partial<VolumeRow>) =>
  q(db).updateTable('volumes').set({ ...change, status: sql<string>`coalesce(previous_status, 'available')` }).where('id', '=', id).where('status', '=', from).execute()

export const volumeDelete = (db: Db, id: string) => q(db).deleteFrom('volumes').where('id', '=', id).execute()

/** what a project holds, of all types or one */
export async function volumeUsage(db: Db, projectId: string, typeId?: string): Promise<{ count: number; gib: number }> {
  let query = q(db)
    .selectFrom('volumes')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('gib')])
    .where('project_id', '=', projectId)
  if (typeId !== undefined) query = query.where('volume_type_id', '=', typeId)
  const row = await query.executeTakeFirstOrThrow()
  return { count: Number(row.count), gib: Number(row.gib) }
}

/** GiB promised per host. */
export async function allocatedByHost(db: Db): Promise<Map<string, { count: number; gib: number }>> {
  const rows = await q(db)
    .selectFrom('volumes')
    .select(['host', sql<number>`count(*)`.as('count'), sql<number>`sum(size)`.as('gib')])
    .where('host', 'is not', null)
    .groupBy('host')
    .execute()
  return new Map(rows.map((row) => [row.host ?? '', { count: Number(row.count), gib: Number(row.gib) }]))
}

export const volumesOfGroup = (db: Db, groupId: string) =>
  q(db).selectFrom('volumes').selectAll().where('group_id', '=', groupId).orderBy('created_at').orderBy('id').execute()

export async function volumeTypeInUse(db: Db, typeId: string): Promise<boolean> {
  const row = await q(db).selectFrom('volumes').select('id').where('volume_type_id', '=', typeId).limit(1).executeTakeFirst()
  return row !== undefined
}
