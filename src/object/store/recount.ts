// SQL that counts anew what counters and references say, for fsck. The whole is walked in pages by its keys, so that nobody waits for it;
// what seems to differ is then counted exactly, in one statement.
import type { UpdateResult } from 'kysely'
import { idList, listValues, type InList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import { sql, type Db } from '../../platform/store/store.ts'
import type { BlobRow, ContainerRow, Counters, ObjectTables } from './tables.ts'

const keys = {
  objects: ['container_id', 'name'],
  versions: ['container_id', 'name', 'version_us'],
  segments: ['container_id', 'name', 'version_us', 'number'],
  parts: ['upload_id', 'number'],
} as const

export type NamingTable = keyof typeof keys
export const namingTables = Object.keys(keys) as NamingTable[]

/** A row that may name a blob: its key, and what it adds to its container's counters. */
export interface NamingRow {
  blob_id: string | null
  container_id?: string
  counted?: number | string
  [column: string]: string | number | null | undefined
}

/** Rows after this one (null: from the beginning), in the order of the key. */
export async function namingAfter(db: Db, table: NamingTable, after: NamingRow | null, limit: number): Promise<NamingRow[]> {
  const columns = sql.join(keys[table].map((column) => sql.ref(column)))
  const counted = table === 'objects' || table === 'versions' ? sql`, counted` : sql``
  const from = after ? sql`where (${columns}) > (${sql.join(keys[table].map((column) => after[column]))})` : sql``
  const query = sql<NamingRow>`select ${columns}, blob_id ${counted} from ${sql.table(table)} ${from} order by ${columns} limit ${sql.lit(limit)}`
  return (await query.execute(db.as())).rows
}

const countOf = statement<ObjectTables, { id: string }, Record<keyof Counters, number | string>>((q, { id }) => ({
  compile: () =>
    sql<Record<keyof Counters, number>>`select
      (select count(*) from objects where container_id = ${id}) as object_count,
      (select coalesce(sum(counted), 0) from objects where container_id = ${id}) as bytes_used,
      (select count(*) from versions where container_id = ${id}) as version_count,
      (select coalesce(sum(counted), 0) from versions where container_id = ${id}) as version_bytes,
      (select coalesce(sum(parts.bytes), 0) from parts join uploads on uploads.id = parts.upload_id
        where uploads.container_id = ${id}) as part_bytes`.compile(q),
}))

/** What a container's counters must be. */
export async function containerCounted(db: Db, id: string): Promise<Counters> {
  const counts = await countOf.one(db, { id })
  return {
    object_count: Number(counts.object_count),
    bytes_used: Number(counts.bytes_used),
    version_count: Number(counts.version_count),
    version_bytes: Number(counts.version_bytes),
    part_bytes: Number(counts.part_bytes),
  }
}

const namedBy = statement<ObjectTables, InList, { id: string; count: number | string }>((q, { list }, db) => ({
  compile: () =>
    sql<{ id: string; count: number }>`select blob_id as id, count(*) as count from (
      select blob_id from objects union all select blob_id from versions union all select blob_id from segments
      union all select blob_id from parts) as naming where blob_id in (${listValues(db, list)}) group by blob_id`.compile(q),
}))

/** How many rows name each of these blobs; none: it is not in the map. */
export async function referencesCounted(db: Db, ids: Iterable<string>): Promise<Map<string, number>> {
  const rows = await namedBy.rows(db, { list: idList(ids) })
  return new Map(rows.map(({ id, count }) => [id, Number(count)]))
}

const setCounters = statement<ObjectTables, Counters & { id: string }, UpdateResult>((to, counters) =>
  to
    .updateTable('containers')
    .set({
      object_count: counters.object_count,
      bytes_used: counters.bytes_used,
      version_count: counters.version_count,
      version_bytes: counters.version_bytes,
      part_bytes: counters.part_bytes,
    })
    .where('id', '=', counters.id),
)
export const containerCountersSet = async (db: Db, id: string, counters: Counters): Promise<void> =>
  void (await setCounters.change(db, { ...counters, id }))

const setReferences = statement<ObjectTables, { id: string; refs: number; nowUs: number }, UpdateResult>((to, { id, refs, nowUs }) =>
  to
    .updateTable('blobs')
    .set({
      refs,
      state: sql<BlobRow['state']>`case when ${refs} = 0 then 'garbage' when state = 'garbage' then 'kept' else state end`,
      garbage_us: sql<number | null>`case when ${refs} = 0 then ${nowUs} else null end`,
    })
    .where('id', '=', id),
)
export const referencesSet = async (db: Db, id: string, refs: number, nowUs: number): Promise<void> =>
  void (await setReferences.change(db, { id, refs, nowUs }))

const containersPage = statement<ObjectTables, { after: string; limit: number }, ContainerRow>((from, { after, limit }) =>
  from.selectFrom('containers').selectAll().where('id', '>', after).orderBy('id').limit(limit),
)
export const containersAfter = (db: Db, after: string, limit: number): Promise<ContainerRow[]> => containersPage.rows(db, { after, limit })

export type AccountCounters = Counters & { container_count: number; account: string }

const accountsOf = (q: 'stored' | 'counted') =>
  statement<ObjectTables, { after: string; limit: number }, AccountCounters>((from, { after, limit }) => ({
    compile: () =>
      (q === 'stored'
        ? sql<AccountCounters>`select account, container_count, object_count, bytes_used, version_count, version_bytes, part_bytes from accounts
            where account > ${after} and deleted_us is null order by account limit ${limit}`
        : sql<AccountCounters>`select accounts.account, count(containers.id) as container_count,
            coalesce(sum(containers.object_count), 0) as object_count, coalesce(sum(containers.bytes_used), 0) as bytes_used,
            coalesce(sum(containers.version_count), 0) as version_count, coalesce(sum(containers.version_bytes), 0) as version_bytes,
            coalesce(sum(containers.part_bytes), 0) as part_bytes
          from (select account from accounts where account > ${after} and deleted_us is null order by account limit ${limit}) as accounts
          left join containers on containers.account = accounts.account group by accounts.account order by accounts.account`
      ).compile(from),
  }))

/** Accounts with the counters that they have, and with those that their containers' add up to. */
export const accountsStored = accountsOf('stored')
export const accountsCounted = accountsOf('counted')

const setAccount = statement<ObjectTables, AccountCounters, UpdateResult>((to, counters) =>
  to
    .updateTable('accounts')
    .set({
      container_count: counters.container_count,
      object_count: counters.object_count,
      bytes_used: counters.bytes_used,
      version_count: counters.version_count,
      version_bytes: counters.version_bytes,
      part_bytes: counters.part_bytes,
    })
    .where('account', '=', counters.account),
)
export const accountCountersSet = async (db: Db, counters: AccountCounters): Promise<void> => void (await setAccount.change(db, counters))
