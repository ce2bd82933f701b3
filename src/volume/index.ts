// The face of the volume domain: the only file of it that others import.
import { novaErrors } from '../platform/api/error-formats.ts'
import type { Domain } from '../platform/api/operation.ts'
import { volumePolicy } from './policy.ts'
import { volumes } from './store/migrations/0001-volumes.ts'
import { snapshotCreateSaga } from './work/snapshot-create.ts'
import { snapshotRemoveSaga } from './work/snapshot-remove.ts'
import { volumeCreateSaga } from './work/volume-create.ts'
import { volumeExtendSaga } from './work/volume-extend.ts'
import { volumeRemoveSaga } from './work/volume-remove.ts'
import { volumeRevertSaga } from './work/volume-revert.ts'
import { volumeUploadSaga } from './work/volume-upload.ts'
import { defaultTypeEnsure } from './volume-types.ts'

export {
  attachmentComplete, attachmentConnect, attachmentDetachBegin, attachmentDetachRoll, attachmentRelease, attachmentRemove, attachmentReserve, attachmentsOfServers,
  volumeBootstrap, volumeCreate, volumeDelete, volumeGet, volumesByIds, volumeSnapshot,
  type AttachmentFacts, type AttachmentWanted, type NewVolume, type VolumeFacts,
} from './face.ts'
export { volumeWatch, type VolumeWatcher } from './watchers.ts'

export const domain: Domain = {
  name: 'volume',
  migrations: { '0001-volumes': volumes },
  policy: volumePolicy,
  services: [{ type: 'block-storage', prefix: '/volume', bases: ['/v3', '/v3/:project_id'], microversions: { min: '3.0', max: '3.70', service: 'volume' }, errors: novaErrors, operations: [] }],
  work: [volumeCreateSaga, volumeRemoveSaga, volumeExtendSaga, volumeRevertSaga, volumeUploadSaga, snapshotCreateSaga, snapshotRemoveSaga],
  start: (ctx) => defaultTypeEnsure(ctx),
}
