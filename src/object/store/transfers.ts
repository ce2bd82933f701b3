// SQL of what went in and out, by account and hour.
import { sql, type InsertResult } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ObjectTables, TransferRow } from './tables.ts'

const add = statement<ObjectTables, TransferRow, InsertResult>((from, { account, hour, bytes_in, bytes_out, requests }) =>
  from
    .insertInto('transfers')
    .values({ account, hour, bytes_in, bytes_out, requests })
    .onConflict((conflict) =>
      conflict.columns(['account', 'hour']).doUpdateSet({
        bytes_in: sql<number>`transfers.bytes_in + excluded.bytes_in`,
        bytes_out: sql<number>`transfers.bytes_out + excluded.bytes_out`,
        requests: sql<number>`transfers.requests + excluded.requests`,
      }),
    ),
)

export const transferRows = { add: (db: Db, row: TransferRow) => add.change(db, row) }
