// SQL of keypairs.
import { page } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
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

export const keypairs = rows<KeypairRow>('keypairs')

/** Pages by name, which is the marker and unique per user. */
export const keypairsPage = (db: Db, userId: string, { limit, marker }: { limit: number; marker?: string | undefined }) =>
  page(q(db).selectFrom('keypairs').selectAll().where('user_id', '=', userId), {
    sorts: [{ column: 'name', direction: 'asc' }],
    limit,
    after: marker === undefined ? undefined : { name: marker },
  }).execute()

export async function keypairsCount(db: Db, userId: string): Promise<number> {
  const row = await q(db)
    .selectFrom('keypairs')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
