// How the image domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import type { Domain } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { glanceErrors } from '../platform/api/error-formats.ts'
import { anyMedia } from '../platform/api/media-types.ts'
import { forbidden } from '../platform/errors.ts'
import { imagePolicy } from './policy.ts'
import { imageDataOperations } from './routes/data.ts'
import { discoveryOperations } from './routes/discovery.ts'
import { imageOperations } from './routes/images.ts'
import { locationOperations } from './routes/locations.ts'
import { memberOperations } from './routes/members.ts'
import { metadefOperations } from './routes/metadefs.ts'
import { columns } from './store/tables.ts'
import { imageCacheCheck, imageDataCheck } from './checks/image-data.ts'
import { imagesOrphansCheck } from './checks/orphans.ts'
import { imageCacheClean, imageCacheCleanHost } from './work/image-cache-clean.ts'
import { imageDataRemove } from './work/image-data-remove.ts'
import { imageImportSaga } from './work/image-import.ts'
import { imageStoreClean } from './work/image-store-clean.ts'
import { facts } from './store/facts.ts'

export const imageDomain: Domain = {
  name: 'image',
  columns,
  migrations: migrationsIn(import.meta.dirname),
  facts,
  policy: imagePolicy,
  policyScopes: { usual: ['project'], but: { metadef_admin: null, service_api: null } },
  services: [
    {
      type: 'image',
      prefix: '/image',
      bases: ['/v2'],
      errors: glanceErrors,
      strictSlash: true,
      media: anyMedia,
      maxBodyBytes: 262_144,
      refusal: (rule) => forbidden(`You are not authorized to complete ${rule} action.`),
      operations: [
        ...imageOperations,
        ...imageDataOperations,
        ...locationOperations,
        ...memberOperations,
        ...discoveryOperations,
        ...metadefOperations,
      ],
    },
  ],
  checks: [imageDataCheck, imageCacheCheck, imagesOrphansCheck],
  work: [imageDataRemove, imageImportSaga, imageStoreClean, imageCacheClean, imageCacheCleanHost],
}
