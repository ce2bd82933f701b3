// /backups: empty, and every call on one of them finds none (backups.ts).
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { backupCreate, backupImport, backupsList, backupNotFound } from '../backups.ts'
import { closed, description, flag, maybeMetadata, maybeText, maybeUuid, name, optional, uuid, without, wrapped } from './bodies.ts'
import { listQuery, readListQuery } from './list-query.ts'
import { backups } from './resources.ts'

const sortRules = { keys: ['id', 'name', 'display_name', 'status', 'container', 'size', 'volume_id', 'created_at', 'updated_at'] }

const created = {
  volume_id: uuid,
  container: optional(maybeText),
  description: optional(description),
  incremental: optional(flag),
  force: optional(flag),
  name: optional(name),
  snapshot_id: optional(maybeUuid),
  metadata: optional(maybeMetadata),
  availability_zone: optional(maybeText),
}

const create = (versions: [string, string | null], properties: typeof created) =>
  backups.create({
    summary: 'Create a backup (no backup service is up)',
    versions,
    body: wrapped('backup', properties),
    async handler(ctx, { body }) {
      const { volume_id, snapshot_id, force, incremental } = body.backup
      return backupCreate(ctx, {
        volumeId: volume_id,
        snapshotId: snapshot_id ?? null,
        force: lenientBoolean(force),
        incremental: lenientBoolean(incremental),
      })
    },
  })

const handler = async (_ctx: Context, id: string): Promise<never> => {
  throw backupNotFound(id)
}
const update = (versions: [string, string | null], more: Parameters<typeof Type.Object>[0]) =>
  backups.update({ versions, body: wrapped('backup', { name: optional(name), description: optional(description), ...more }), handler })

export const backupOperations: Operation[] = [
  ...['', '/detail'].map((path) =>
    backups.beside(path, {
      query: listQuery,
      async handler(ctx, request) {
        const query = readListQuery(ctx, request.query, sortRules)
        backupsList(ctx, query)
        return { backups: [], ...(query.withCount ? { count: 0 } : {}) }
      },
    }),
  ),
  create(['3.0', '3.42'], without(created, 'metadata', 'availability_zone')),
  create(['3.43', '3.50'], without(created, 'availability_zone')),
  create(['3.51', null], created),
  backups.beside('/import_record', {
    method: 'POST',
    summary: 'Import a backup (no backup service is up)',
    policy: 'backup:backup-import',
    status: 201,
    body: wrapped('backup-record', {
      backup_service: Type.String({ maxLength: 255 }),
      backup_url: Type.String({ minLength: 1, maxLength: 1_000_000 }),
    }),
    handler: async (ctx, { body }) => backupImport(ctx, body['backup-record'].backup_service),
  }),
  backups.show({ handler }),
  update(['3.9', '3.42'], {}),
  update(['3.43', null], { metadata: optional(maybeMetadata) }),
  backups.delete({ handler }),
  backups.below('/export_record', { summary: 'Export a backup', policy: 'backup:export-import', handler }),
  backups.below('/restore', {
    method: 'POST',
    summary: 'Restore a backup',
    policy: 'backup:restore',
    body: wrapped('restore', { name: optional(name), volume_id: optional(maybeUuid) }),
    status: 202,
    handler,
  }),
  backups.action('os-reset_status', {
    summary: 'Reset the status of a backup',
    policy: 'volume_extension:backup_admin_actions:reset_status',
    body: Type.Object({ status: Type.String({ minLength: 1, maxLength: 255 }) }, closed),
    handler,
  }),
  backups.action('os-force_delete', {
    summary: 'Delete a backup in any state',
    policy: 'volume_extension:backup_admin_actions:force_delete',
    handler,
  }),
]
