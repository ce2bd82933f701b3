// /snapshots and their actions.
import { Type } from '../../platform/api/type.ts'
import { badRequest } from '../../platform/errors.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { snapshotsList } from '../snapshot-listing.ts'
import {
  snapshotCreate,
  snapshotDelete,
  snapshotUpdate,
  snapshotUpdateStatus,
  snapshotResetStatus,
  snapshotRowGet,
  snapshotStatuses,
} from '../snapshots.ts'
import { snapshotDetailView, snapshotView } from '../views/snapshots.ts'
import { closed, description, flag, maybeMetadata, maybeText, maybeUuid, name, optional, trimmed, wrapped } from './bodies.ts'
import { listOf } from './list-query.ts'
import { snapshots } from './resources.ts'

const sorts = {
  keys: ['id', 'name', 'display_name', 'status', 'volume_id', 'size', 'volume_size', 'created_at', 'updated_at'],
  nullAs: { name: '', updated_at: '' },
  alias: { display_name: 'name', volume_size: 'size' },
}
const list = { key: 'snapshots', sorts, list: snapshotsList }
const status = Type.String({ minLength: 1, maxLength: 255 })

export const snapshotOperations: Operation[] = [
  listOf(snapshots, list, snapshotView),
  listOf(snapshots, list, snapshotDetailView, { path: '/detail', summary: 'List snapshots with details' }),
  snapshots.create({
    body: wrapped('snapshot', {
      volume_id: maybeUuid,
      name: optional(name),
      display_name: optional(name),
      description: optional(description),
      force: optional(flag),
      metadata: optional(maybeMetadata),
    }),
    async handler(ctx, { body }) {
      const wanted = body.snapshot
      const always = ctx.microversion.atLeast('3.66')
      if (always && wanted.force !== undefined && !lenientBoolean(wanted.force))
        throw badRequest("Invalid value for 'force': since 3.66 snapshots of volumes in use need no force.")
      const row = await snapshotCreate(ctx, {
        volumeId: wanted.volume_id ?? 'None',
        name: trimmed(wanted.name ?? wanted.display_name) ?? null,
        description: trimmed(wanted.description) ?? null,
        metadata: wanted.metadata ?? {},
        force: always || lenientBoolean(wanted.force),
      })
      return { snapshot: snapshotView(ctx, row) }
    },
  }),
  snapshots.show({ handler: async (ctx, id) => ({ snapshot: snapshotDetailView(ctx, await snapshotRowGet(ctx, id)) }) }),
  snapshots.update({
    body: wrapped(
      'snapshot',
      {
        name: optional(name),
        description: optional(description),
        display_name: optional(name),
        display_description: optional(description),
      },
      { minProperties: 1 },
    ),
    async handler(ctx, id, request) {
      const { snapshot } = request.body
      const row = await snapshotUpdate(ctx, id, {
        name: trimmed(snapshot.name ?? snapshot.display_name),
        description: trimmed(snapshot.description ?? snapshot.display_description),
      })
      return { snapshot: snapshotView(ctx, row) }
    },
  }),
  snapshots.delete({ handler: (ctx, id) => snapshotDelete(ctx, id) }),
  snapshots.action('os-reset_status', {
    summary: 'Reset the status of a snapshot',
    policy: 'volume_extension:snapshot_admin_actions:reset_status',
    body: Type.Object({ status }, closed),
    async handler(ctx, id, request) {
      const wanted = request.body.status.toLowerCase()
      if (!(snapshotStatuses as readonly string[]).includes(wanted)) throw badRequest(`Must specify a valid status: ${wanted}`)
      await snapshotResetStatus(ctx, id, wanted)
    },
  }),
  snapshots.action('os-update_snapshot_status', {
    summary: 'Report the state of a snapshot',
    policy: 'snapshot_extension:snapshot_actions:update_snapshot_status',
    body: Type.Object({ status, progress: optional(maybeText) }, closed),
    async handler(ctx, id, request) {
      const { progress } = request.body
      if (progress && !/^\d{1,3}%$/.test(progress)) throw badRequest('progress must be an integer percentage')
      await snapshotUpdateStatus(ctx, id, { status: request.body.status, progress: progress ?? undefined })
    },
  }),
  snapshots.action('os-force_delete', {
    summary: 'Delete a snapshot in any state',
    policy: 'volume_extension:snapshot_admin_actions:force_delete',
    handler: (ctx, id) => snapshotDelete(ctx, id, { force: true }),
  }),
]
