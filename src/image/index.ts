// The face of the image domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export {
  imageBootstrap,
  imageGet,
  imageOpen,
  imageReserve,
  imagesByIds,
  imageSource,
  imageUploadAccepted,
  whyNoDisk,
  type ImageFacts,
  type NewImage,
} from './exported.ts'
export { imageRemove } from './images.ts'
export { isReservedName } from './reserved-names.ts'
export { imagesOfServer } from './server-backups.ts'
