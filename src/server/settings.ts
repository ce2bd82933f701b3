// Facts about this cloud as a whole: which first-start steps are done.
import type { Db } from '../platform/store/store.ts'
import type { Migrations } from '../platform/store/migrate.ts'

interface Tables {
  settings: { name: string; value: string }
}

export const settingsMigrations: Migrations = {
  '0001-settings': async (db) => {
    await db.schema
      .createTable('settings')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute()
  },
}

const q = (db: Db) => db.as<Tables>()

export const settingFetch = async (db: Db, name: string): Promise<string | undefined> =>
  (await q(db).selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value

export const settingSet = (db: Db, name: string, value: string) =>
  q(db)
    .insertInto('settings')
    .values({ name, value })
    .onConflict((c) => c.column('name').doUpdateSet({ value }))
    .execute()
