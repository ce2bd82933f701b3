// The face of the image domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export {
  imageBootstrap,
  imageGet,
  imageOpen,
  imageRemove,
  imageReserve,
  imagesByIds,
  imageSource,
  imageUploadAccepted,
  whyNoDisk,
  type ImageFacts,
  type NewImage,
} from './exported.ts'
export { isReservedName } from './reserved-names.ts'
export { imagesOfServer } from './server-backups.ts'
