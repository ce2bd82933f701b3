// Writes an image over a volume at its host. What the volume held is lost with the first byte, so there is no way back: what
// fails leaves the volume in error. A server's rebuild has the same as parts of its own saga (exported.ts).
import type { VolumeSource } from '../../contract/volumes.ts'
import { volumeRows, volumeReturn } from '../store/volumes.ts'
import { volumeSaga } from './volume-saga.ts'
import type { WorkContext } from '../../platform/work/definition.ts'

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

export const volumeReimageSaga = volumeSaga<VolumeReimageData>({
  name: 'volume-reimage',
  deadlineMs: 1_800_000,
  of: 'volume',
  action: 'reimage',
  details: ({ imageMetadata }) => ({ imageId: imageMetadata['image_id'] }),
  steps: [{ name: 'rewrite', run: reimageRun }],
  done: ({ db }, { volumeId, imageMetadata }, change) =>
    volumeReturn(db, volumeId, 'downloading', { ...change, image_metadata: imageMetadata }),
  failed: ({ db }, { volumeId }, change) =>
    volumeRows.advance(db, { id: volumeId, status: ['downloading'] }, { ...change, status: 'error' }),
})
