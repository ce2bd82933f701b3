// SQL of keypairs.
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q } from '../store/tables.ts'

export interface KeypairRow {
  id: string
  user_id: string
  name: string
  type: 'ssh' | 'x509'
  public_key: string
  fingerprint: string
  created_at: string
}

export const keypairFetch = (db: Db, userId: string, name: string) =>
  q(db).selectFrom('keypairs').selectAll().where('user_id', '=', userId).where('name', '=', name).executeTakeFirst()

/** Pages by name, which is the marker and unique per user. */
export function keypairsPage(db: Db, userId: string, { limit, marker }: { limit: number; marker?: string | undefined }) {
  let query = q(db).selectFrom('keypairs').selectAll().where('user_id', '=', userId)
  if (marker !== undefined) query = query.where('name', '>', marker)
  return query.orderBy('name').limit(limit).execute()
}

export async function keypairCount(db: Db, userId: string): Promise<number> {
  const row = await q(db)
    .selectFrom('keypairs')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export const keypairInsert = (db: Db, row: KeypairRow) => q(db).insertInto('keypairs').values(row).execute()

export const keypairDelete = (db: Db, id: string) => q(db).deleteFrom('keypairs').where('id', '=', id).execute()
