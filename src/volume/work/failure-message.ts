// What a failed operation leaves for its user: an event and a user message (GET /messages).
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import { table } from '../../platform/table.ts'
import { messageRows } from '../store/messages.ts'

const guaranteedMs = 30 * 86_400_000

/** Cinder's actions and their event ids */
const actions: Record<string, { eventId: string; text: string }> = table({
  create: { eventId: 'VOLUME_VOLUME_001_001', text: 'schedule allocate volume' },
  copy: { eventId: 'VOLUME_VOLUME_003_002', text: 'copy image to volume' },
  delete: { eventId: 'VOLUME_VOLUME_012_001', text: 'delete volume' },
  extend: { eventId: 'VOLUME_VOLUME_007_007', text: 'extend volume' },
  upload: { eventId: 'VOLUME_VOLUME_005_006', text: 'copy volume to image' },
  revert: { eventId: 'VOLUME_VOLUME_016_001', text: 'revert volume to snapshot' },
  manage: { eventId: 'VOLUME_VOLUME_014_001', text: 'manage volume' },
  unmanage: { eventId: 'VOLUME_VOLUME_008_001', text: 'unmanage volume' },
  reimage: { eventId: 'VOLUME_VOLUME_017_018', text: 'reimage volume' },
  attach: { eventId: 'VOLUME_VOLUME_002_001', text: 'attach volume' },
  'snapshot-create': { eventId: 'VOLUME_VOLUME_SNAPSHOT_010_001', text: 'create snapshot' },
  'snapshot-delete': { eventId: 'VOLUME_VOLUME_SNAPSHOT_011_001', text: 'delete snapshot' },
})

export interface Failed {
  resourceType: 'volume' | 'snapshot' | 'volume_group_snapshot'
  resourceId: string
  projectId: string
  action: string
  /** what the message calls the action, where it calls it otherwise */
  message?: string
  reason: string
  host?: string | null
  details?: unknown
}

/** In the transaction that ends the operation. */
export async function failureRecord(tx: Context, { message, reason, ...failed }: Failed): Promise<void> {
  // Cinder knows no messages of group snapshots
  if (failed.resourceType !== 'volume_group_snapshot') await leaveMessage(tx, { ...failed, reason, action: message ?? failed.action })
  await eventAppend(tx, { ...failed, result: 'error', message: reason })
}

async function leaveMessage(tx: Context, { resourceType, resourceId, projectId, action, reason }: Failed): Promise<void> {
  const kind = actions[resourceType === 'snapshot' ? `snapshot-${action}` : action]
  const nowMs = tx.clock.nowMs()
  await messageRows.insert(tx.db, {
    id: tx.ids.uuid(),
    project_id: projectId,
    event_id: kind?.eventId ?? 'VOLUME_VOLUME_001_001',
    user_message: `${kind?.text ?? action}:${reason}`,
    message_level: 'ERROR',
    resource_type: resourceType === 'snapshot' ? 'VOLUME_SNAPSHOT' : 'VOLUME',
    resource_uuid: resourceId,
    request_id: tx.requestId,
    created_at: isoMillis(nowMs),
    guaranteed_until: isoMillis(nowMs + guaranteedMs),
  })
}
