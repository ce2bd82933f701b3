// SQL of what fsck compares: few columns of many rows, by pages of the id.
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ServerDeviceRow, ServerPortRow } from './server-parts.ts'
import type { ComputeTables } from './tables.ts'

const q = (db: Db) => db.as<ComputeTables>()

const placed = ['id', 'project_id', 'user_id', 'vm_state', 'task_state', 'host', 'image_id', 'flavor', 'vcpus', 'ram_mib', 'before', 'generation'] as const

/** What servers hold of hosts and quotas. */
export const serversPlacedPage = (db: Db, after: string, limit: number) =>
  q(db).selectFrom('servers').select(placed).where('deleted', '=', 0).where('id', '>', after).orderBy('id').limit(limit).execute()

export type PlacedServer = Awaited<ReturnType<typeof serversPlacedPage>>[number]

/** Servers in the midst of something. */
export const serversInTransition = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('servers')
    .select(['id', 'vm_state', 'task_state', 'pending_image_id', 'host', 'before', 'generation'])
    .where('deleted', '=', 0)
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
  q(db).selectFrom('server_migrations').select('id').where(idsIn(db, 'id', ids)).where('status', 'not in', ended).execute()

/** Where servers are and in which state, deleted ones too. */
export const serversKnown = (db: Db, ids: Iterable<string>) =>
  q(db).selectFrom('servers').select(['id', 'host', 'vm_state', 'task_state', 'before', 'generation', 'deleted']).where(idsIn(db, 'id', ids)).execute()

export const devicesPage = (db: Db, after: string, limit: number): Promise<ServerDeviceRow[]> =>
  q(db).selectFrom('server_devices').selectAll().where('id', '>', after).where('volume_id', 'is not', null).orderBy('id').limit(limit).execute()

export const devicesOfServers = (db: Db, serverIds: Iterable<string>): Promise<ServerDeviceRow[]> =>
  q(db).selectFrom('server_devices').selectAll().where(idsIn(db, 'server_id', serverIds)).execute()

/** Those of the attachments that are some server's device. */
export async function attachmentsKnown(db: Db, attachmentIds: Iterable<string>): Promise<Set<string>> {
  const rows = await q(db).selectFrom('server_devices').select('attachment_id').where(idsIn(db, 'attachment_id', attachmentIds)).execute()
  return new Set(rows.flatMap(({ attachment_id }) => attachment_id ?? []))
}

export const serverPortsPage = (db: Db, after: string, limit: number): Promise<ServerPortRow[]> =>
  q(db).selectFrom('server_ports').selectAll().where('port_id', '>', after).orderBy('port_id').limit(limit).execute()

export const portsOfServersKnown = (db: Db, serverIds: Iterable<string>): Promise<ServerPortRow[]> =>
  q(db).selectFrom('server_ports').selectAll().where(idsIn(db, 'server_id', serverIds)).execute()

export const serverPortsByIds = (db: Db, portIds: Iterable<string>): Promise<ServerPortRow[]> =>
  q(db).selectFrom('server_ports').selectAll().where(idsIn(db, 'port_id', portIds)).execute()
