// Writes an image over a volume at its host. What the volume held is gone with the first byte, so there is no way back:
// what fails leaves the volume in error.
import type { VolumeSource } from '../../host/contract.ts'
import { isoMillis } from '../../platform/clock.ts'
import { saga, type WorkContext } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { volumeAdvance, volumeReturn } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeReimageData {
  volumeId: string
  host: string
  projectId: string
  source: Exclude<VolumeSource, { kind: 'blank' | 'volume' }>
  imageMetadata: Record<string, string>
}

/** The host's part; may be called again. */
export const reimageRun = ({ ctx, call }: WorkContext, { host, volumeId, source }: VolumeReimageData): Promise<void> =>
  ctx.hosts.get(host).volumes.rewrite(volumeId, source, call)

/** The volume is what it was, with another content. */
export async function reimageCommit(tx: WorkContext['ctx'], { volumeId, projectId, imageMetadata }: VolumeReimageData): Promise<void> {
  await volumeReturn(tx.db, volumeId, 'downloading', {
    image_metadata: JSON.stringify(imageMetadata),
    updated_at: isoMillis(tx.clock.nowMs()),
  })
  await eventAppend(tx, {
    resourceType: 'volume',
    resourceId: volumeId,
    projectId,
    action: 'reimage',
    result: 'success',
    details: { imageId: imageMetadata['image_id'] },
  })
}

export async function reimageFailed(tx: WorkContext['ctx'], { volumeId, projectId }: VolumeReimageData, reason: string): Promise<void> {
  const row = await volumeAdvance(tx.db, volumeId, ['downloading'], { status: 'error', reason, updated_at: isoMillis(tx.clock.nowMs()) })
  if (row) await failureRecord(tx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'reimage', reason })
}

export const volumeReimageSaga = saga<VolumeReimageData>({
  name: 'volume-reimage',
  deadlineMs: 1_800_000,
  limit: hostLimit,
  steps: [{ name: 'rewrite', run: reimageRun, commit: ({ ctx }, data) => reimageCommit(ctx, data) }],
  failed: ({ ctx }, data, reason) => reimageFailed(ctx, data, reason),
})
