// SQL of what fsck compares: few columns of many rows, by pages of the id.
import { idList, idsIn, inList, type InList } from '../../../platform/store/ids-in.ts'
import { statement } from '../../../platform/store/statement.ts'
import type { Db } from '../../../platform/store/store.ts'
import type { ServerDeviceRow } from './parts.ts'
import type { ServerRow } from './servers.ts'
import { computeTables as q, type ComputeTables } from '../../store/tables.ts'

const placed = [
  'id',
  'project_id',
  'user_id',
  'vm_state',
  'task_state',
  'host',
  'image_id',
  'flavor',
  'vcpus',
  'ram_mib',
  'before',
  'generation',
] as const

/** What servers hold of hosts and quotas. */
export const serversPlacedPage = (db: Db, after: string, limit: number) =>
  q(db).selectFrom('servers').select(placed).where('deleted', '=', false).where('id', '>', after).orderBy('id').limit(limit).execute()

export type PlacedServer = Awaited<ReturnType<typeof serversPlacedPage>>[number]

/** Servers in the midst of something. */
export const serversInTransition = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('servers')
    .select(['id', 'vm_state', 'task_state', 'pending_image_id', 'host', 'before', 'generation'])
    .where('deleted', '=', false)
    .where((e) => e.or([e('task_state', 'is not', null), e('vm_state', '=', 'building'), e('pending_image_id', 'is not', null)]))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

const ended = ['confirmed', 'reverted', 'error', 'failed', 'completed']

/** Moves that have not ended. */
export const migrationsOpen = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('server_migrations')
    .select(['id', 'server_id', 'status'])
    .where('status', 'not in', ended)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Those of the ids that are moves which have not ended. */
export const migrationsOpenByIds = (db: Db, ids: string[]) =>
  q(db)
    .selectFrom('server_migrations')
    .select('id')
    .where(idsIn(db, 'id', ids))
    .where('status', 'not in', ended)
    .execute()

const known = ['id', 'host', 'vm_state', 'task_state', 'before', 'generation', 'deleted'] as const
const servers = statement<ComputeTables, InList, Pick<ServerRow, (typeof known)[number]>>((from, { list }, db) =>
  from
    .selectFrom('servers')
    .select(known)
    .where(inList(db, 'id', list)),
)
/** Where servers are and in which state, deleted ones too. */
export const serversKnown = (db: Db, ids: Iterable<string>) => servers.rows(db, { list: idList(ids) })

export const devicesPage = (db: Db, after: string, limit: number): Promise<ServerDeviceRow[]> =>
  q(db)
    .selectFrom('server_devices')
    .selectAll()
    .where('id', '>', after)
    .where('volume_id', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()

const devices = statement<ComputeTables, InList, ServerDeviceRow>((from, { list }, db) =>
  from
    .selectFrom('server_devices')
    .selectAll()
    .where(inList(db, 'server_id', list)),
)
export const devicesOfServers = (db: Db, serverIds: Iterable<string>) => devices.rows(db, { list: idList(serverIds) })

/** Those of the attachments that are some server's device. */
export async function attachmentsKnown(db: Db, attachmentIds: Iterable<string>): Promise<Set<string>> {
  const rows = await q(db)
    .selectFrom('server_devices')
    .select('attachment_id')
    .where(idsIn(db, 'attachment_id', attachmentIds))
    .execute()
  return new Set(rows.flatMap(({ attachment_id }) => attachment_id ?? []))
}
