// What the migrations of all domains make together.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../platform/clock.ts'
import { systemIds } from '../platform/ids.ts'
import { migrate } from '../platform/store/migrate.ts'
import { openSqlite } from '../platform/store/sqlite.ts'
import { createStore } from '../platform/store/store.ts'
import { migrationLists } from './domains.ts'

test('a column that refers to another table is where an index begins: a deletion there reads no table through', async () => {
  const { dialect, raw } = openSqlite(':memory:')
  const store = createStore('sqlite', dialect, { clock: systemClock, ids: systemIds })
  await migrate(store, migrationLists)
  const bare = raw.prepare(`
    select t.name as "table", f."from" as "column" from sqlite_master t join pragma_foreign_key_list(t.name) f
    where t.type = 'table'
      and not exists (select 1 from pragma_index_list(t.name) i join pragma_index_info(i.name) c where c.seqno = 0 and c.name = f."from")
      and not exists (select 1 from pragma_table_info(t.name) p where p.pk = 1 and p.name = f."from")`)
  assert.deepEqual(bare.all(), [])
  raw.close()
})
