// SQL of console tokens. Only a token's hash is kept: a reader of the database cannot open a console with it.
import type { DeleteResult } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q, type ComputeTables } from '../store/tables.ts'

export interface ConsoleTokenRow {
  token_hash: string
  server_id: string
  type: string
  host: string
  expires_at: string
}

export const consoleTokenInsert = (db: Db, row: ConsoleTokenRow) => q(db).insertInto('console_tokens').values(row).execute()
export const consoleTokenFetch = (db: Db, hash: string) =>
  q(db).selectFrom('console_tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst()
/** Takes the token: it opens one console, once (attack-32). */
export const consoleTokenTake = (db: Db, hash: string) =>
  q(db).deleteFrom('console_tokens').where('token_hash', '=', hash).returningAll().executeTakeFirst()
export const consoleTokensExpire = (db: Db, before: string) => q(db).deleteFrom('console_tokens').where('expires_at', '<', before).execute()
const ofServer = statement<ComputeTables, { serverId: string }, DeleteResult>((from, { serverId }) =>
  from.deleteFrom('console_tokens').where('server_id', '=', serverId),
)
export const consoleTokensDelete = (db: Db, serverId: string) => ofServer.change(db, { serverId })
