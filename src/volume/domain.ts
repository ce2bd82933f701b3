// How the volume domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import { novaErrors } from '../platform/api/error-formats.ts'
import { cinderMedia } from '../platform/api/media-types.ts'
import type { Domain } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { attachmentsCheck } from './checks/attachments.ts'
import { volumesOrphansCheck } from './checks/orphans.ts'
import { volumesRestingCheck } from './checks/resting.ts'
import { volumeDataCheck } from './checks/volume-data.ts'
import { volumeColumns } from './store/tables.ts'
import { volumePolicy } from './policy.ts'
import { attachmentOperations } from './routes/attachments.ts'
import { backupOperations } from './routes/backups.ts'
import { discoveryOperations, microversions, versionOperations } from './routes/discovery.ts'
import { groupOperations } from './routes/groups.ts'
import { groupTypeOperations } from './routes/group-types.ts'
import { inProject } from './routes/in-project.ts'
import { manageOperations } from './routes/manage.ts'
import { messageOperations } from './routes/messages.ts'
import { metadataOperations } from './routes/metadata.ts'
import { qosOperations } from './routes/qos.ts'
import { quotaOperations } from './routes/quotas.ts'
import { serviceOperations } from './routes/services.ts'
import { snapshotOperations } from './routes/snapshots.ts'
import { transferOperations } from './routes/transfers.ts'
import { typeEncryptionOperations } from './routes/type-encryption.ts'
import { typeOperations } from './routes/types.ts'
import { workerOperations } from './routes/workers.ts'
import { volumeActionOperations } from './routes/volume-actions.ts'
import { volumeOperations } from './routes/volumes.ts'
import { groupSnapshotCreateSaga, groupSnapshotDeleteSaga } from './work/group-snapshot.ts'
import { messagesExpireWatch } from './work/messages-expire.ts'
import { snapshotCreateSaga } from './work/snapshot-create.ts'
import { snapshotManageSaga, snapshotUnmanageSaga } from './work/snapshot-manage.ts'
import { snapshotOutsideSaga } from './work/snapshot-outside.ts'
import { snapshotDeleteSaga } from './work/snapshot-delete.ts'
import { volumeCreateSaga } from './work/volume-create.ts'
import { volumeExtendSaga } from './work/volume-extend.ts'
import { volumeManageSaga, volumeUnmanageSaga } from './work/volume-manage.ts'
import { volumeReimageSaga } from './work/volume-reimage.ts'
import { volumeDeleteSaga } from './work/volume-delete.ts'
import { volumeRevertSaga } from './work/volume-revert.ts'
import { volumeUploadSaga } from './work/volume-upload.ts'
import { defaultTypeEnsure } from './volume-types.ts'
import { facts } from './store/facts.ts'

const operations = [
  ...volumeOperations,
  ...volumeActionOperations,
  ...attachmentOperations,
  ...metadataOperations,
  ...snapshotOperations,
  ...typeOperations,
  ...typeEncryptionOperations,
  ...qosOperations,
  ...backupOperations,
  ...manageOperations,
  ...workerOperations,
  ...transferOperations,
  ...messageOperations,
  ...quotaOperations,
  ...serviceOperations,
  ...discoveryOperations,
  ...groupTypeOperations,
  ...groupOperations,
]

export const volumeDomain: Domain = {
  name: 'volume',
  migrations: migrationsIn(import.meta.dirname),
  columns: volumeColumns,
  facts,
  policy: volumePolicy,
  policyScopes: { usual: ['project'] },
  services: [
    {
      type: 'block-storage',
      prefix: '/volume',
      bases: ['/v3', '/v3/:project_id'],
      microversions,
      errors: novaErrors,
      media: cinderMedia,
      strictSlash: true,
      operations: [...versionOperations, ...operations.map(inProject)],
    },
  ],
  work: [
    volumeCreateSaga,
    volumeDeleteSaga,
    volumeExtendSaga,
    volumeRevertSaga,
    volumeReimageSaga,
    volumeUploadSaga,
    volumeManageSaga,
    volumeUnmanageSaga,
    snapshotCreateSaga,
    snapshotDeleteSaga,
    snapshotOutsideSaga,
    snapshotManageSaga,
    snapshotUnmanageSaga,
    groupSnapshotCreateSaga,
    groupSnapshotDeleteSaga,
    messagesExpireWatch,
  ],
  checks: [volumeDataCheck, attachmentsCheck, volumesRestingCheck, volumesOrphansCheck],
  start: (ctx) => defaultTypeEnsure(ctx),
}
