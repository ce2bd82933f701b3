// SnapshotRow → what Cinder shows.
import type { Context } from '../../platform/context.ts'
import type { SnapshotRow } from '../snapshots.ts'
import { micros } from './texts.ts'

/** As create, update and the short list answer. */
export const snapshotView = (ctx: Context, row: SnapshotRow): Record<string, unknown> => ({
  id: row.id,
  created_at: micros(row.created_at),
  updated_at: micros(row.updated_at),
  name: row.name,
  description: row.description,
  volume_id: row.volume_id,
  status: row.status,
  size: row.size,
  metadata: row.metadata,
  ...(ctx.microversion.atLeast('3.14') ? { group_snapshot_id: row.group_snapshot_id } : {}),
  ...(ctx.microversion.atLeast('3.41') ? { user_id: row.user_id } : {}),
  ...(ctx.microversion.atLeast('3.65') ? { consumes_quota: true } : {}),
})

/** As show and the detailed list answer. */
export const snapshotDetailView = (ctx: Context, row: SnapshotRow): Record<string, unknown> => ({
  ...snapshotView(ctx, row),
  'os-extended-snapshot-attributes:project_id': row.project_id,
  'os-extended-snapshot-attributes:progress': row.progress,
})
