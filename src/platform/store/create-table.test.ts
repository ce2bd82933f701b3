// Tables for migrations, on both engines.
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { createTable } from './create-table.ts'

forEachDialect('a table is made of one line a column: keys, defaults, what its owner stays for', async (store) => {
  const db = store.as<never>()
  await createTable(db, 'plans', {
    columns: { id: 'key', name: 'text!', extra: 'json!', is_open: 'flag!' },
    defaults: { extra: '{}', is_open: 1 },
  })
  await createTable(db, 'steps', {
    columns: { plan_id: 'text!', place: 'integer!', bytes: 'bigint', ratio: 'real' },
    primary: ['plan_id', 'place'],
    belongs: { plan_id: 'plans.id' },
    indexes: [['bytes']],
  })
  await sql`insert into plans (id, name) values ('p1', 'one')`.execute(db)
  await sql`insert into steps (plan_id, place, bytes, ratio) values ('p1', 1, 5000000000, 1.5)`.execute(db)
  const { rows } = await sql`select * from plans`.execute(db)
  assert.deepEqual(rows, [{ id: 'p1', name: 'one', extra: '{}', is_open: 1 }])
  assert.deepEqual((await sql`select bytes, ratio from steps`.execute(db)).rows, [{ bytes: 5_000_000_000, ratio: 1.5 }])
  await assert.rejects(sql`insert into steps (plan_id, place) values ('p1', 1)`.execute(db))
  await assert.rejects(sql`insert into steps (plan_id, place) values ('none', 1)`.execute(db))
  await assert.rejects(sql`insert into plans (id) values ('p2')`.execute(db))
  await assert.rejects(sql`delete from plans`.execute(db))
  await sql`delete from steps`.execute(db)
  await sql`delete from plans`.execute(db)
  assert.equal((await sql`select * from plans`.execute(db)).rows.length, 0)
})
