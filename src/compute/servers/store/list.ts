// SQL of server lists: filters that a database can answer, any sort order, keyset pages.
import { sql, type RawBuilder } from 'kysely'
import { idsIn } from '../../../platform/store/ids-in.ts'
import { page, type Sort } from '../../../platform/store/page.ts'
import type { Db } from '../../../platform/store/store.ts'
import type { ServerRow } from './servers.ts'
import type { ComputeTables } from '../../store/tables.ts'

export interface ServerFilter {
  /** undefined: both */
  deleted?: boolean | undefined
  /** column → value */
  equals: Partial<Record<keyof ServerRow, string | number>>
  vmStates?: string[] | undefined
  taskStates?: string[] | undefined
  ids?: string[] | undefined
  /** column → text that must be somewhere in it */
  contains: Partial<Record<keyof ServerRow, string>>
  changesSince?: string | undefined
  changesBefore?: string | undefined
  locked?: boolean | undefined
  tags: { all: string[]; any: string[]; notAll: string[]; notAny: string[] }
}

export interface ServerSort {
  column: keyof ListedServer
  direction: 'asc' | 'desc'
}

export interface ServerPage {
  sorts: ServerSort[]
  limit: number
  after?: ListedServer | undefined
}

/** What a list shows; what only builds a guest is left where it is. */
const listed = [
  'id',
  'project_id',
  'user_id',
  'name',
  'hostname',
  'description',
  'vm_state',
  'task_state',
  'power_state',
  'progress',
  'image_id',
  'flavor_id',
  'flavor',
  'host',
  'node',
  'availability_zone',
  'pinned_az',
  'key_name',
  'config_drive',
  'disk_config',
  'access_ip_v4',
  'access_ip_v6',
  'metadata',
  'group_id',
  'locked_by',
  'locked_reason',
  'reservation_id',
  'launch_index',
  'root_device',
  'user_data',
  'hints',
  'image_properties',
  'fault',
  'created_at',
  'updated_at',
  'launched_at',
  'terminated_at',
  'deleted',
] as const satisfies readonly (keyof ServerRow)[]
export type ListedServer = Pick<ServerRow, (typeof listed)[number]>

const nullable = new Set<keyof ServerRow>([
  'description',
  'task_state',
  'host',
  'node',
  'availability_zone',
  'key_name',
  'access_ip_v4',
  'access_ip_v6',
  'locked_by',
  'launched_at',
  'terminated_at',
  'root_device',
])
const sortOf = ({ column, direction }: ServerSort): Sort => ({ column, direction, ...(nullable.has(column) ? { nullAs: '' } : {}) })
const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')

export function serversPage(db: Db, filter: ServerFilter, { sorts, limit, after }: ServerPage): Promise<ListedServer[]> {
  let query = db.as<ComputeTables>().selectFrom('servers').select(listed)
  for (const condition of conditions(db, filter)) query = query.where(condition)
  return page(query, { sorts: sorts.map(sortOf), limit, after: after && { ...after } }).execute()
}

function conditions(db: Db, filter: ServerFilter): RawBuilder<boolean>[] {
  const found: RawBuilder<boolean>[] = []
  if (filter.deleted !== undefined) found.push(sql`deleted = ${filter.deleted ? 1 : 0}`)
  for (const [column, value] of Object.entries(filter.equals)) found.push(sql`${sql.ref(column)} = ${value}`)
  for (const [column, value] of Object.entries(filter.contains))
    found.push(sql`lower(coalesce(${sql.ref(column)}, '')) like ${`%${escapeLike(value.toLowerCase())}%`} escape '\\'`)
  if (filter.vmStates) found.push(idsIn(db, 'vm_state', filter.vmStates))
  if (filter.taskStates) found.push(idsIn(db, 'task_state', filter.taskStates))
  if (filter.ids) found.push(idsIn(db, 'id', filter.ids))
  if (filter.changesSince !== undefined) found.push(sql`updated_at >= ${filter.changesSince}`)
  if (filter.changesBefore !== undefined) found.push(sql`updated_at <= ${filter.changesBefore}`)
  if (filter.locked !== undefined) found.push(filter.locked ? sql`locked_by is not null` : sql`locked_by is null`)
  const { all, any, notAll, notAny } = filter.tags
  for (const tag of all) found.push(hasTags(db, [tag]))
  if (any.length > 0) found.push(hasTags(db, any))
  if (notAll.length > 0)
    found.push(
      sql`not (${sql.join(
        notAll.map((tag) => hasTags(db, [tag])),
        sql` and `,
      )})`,
    )
  if (notAny.length > 0) found.push(sql`not ${hasTags(db, notAny)}`)
  return found
}

const hasTags = (db: Db, tags: string[]): RawBuilder<boolean> =>
  sql`exists (select 1 from server_tags where server_tags.server_id = servers.id and ${idsIn(db, 'server_tags.tag', tags)})`
