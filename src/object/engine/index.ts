// The engine's face: what both doors and the workers call.
export type { ActOptions } from './act.ts'
export { accountDelete, accountErase, accountFind, accountUpdate } from './accounts.ts'
export { bodyLimit, type BodyLimit } from './body-limit.ts'
export type { Conditions } from './conditions.ts'
export {
  claimOwner,
  containerDelete,
  containerFind,
  containerPut,
  containerUpdate,
  type ContainerChange,
  type MetadataChange,
} from './containers.ts'
export { engineOf, engineStart, type By, type Engine } from './engine.ts'
export type { Entry, Listed, Listing } from './listing.ts'
export { containersList, objectsList } from './lists.ts'
export {
  newestMarker,
  objectDelete,
  objectFind,
  objectPut,
  objectUpdate,
  type Draft,
  type Guard,
  type Key,
  type ObjectDelete,
  type ObjectPut,
  type ObjectUpdate,
  type SegmentDraft,
} from './objects.ts'
export { timestampOf, versionId, versionOf, type Version } from './version-id.ts'
export { objectCopy, objectRename, type Copied, type ObjectCopy, type ObjectRename } from './copy.ts'
export { objectsExpire, uploadsExpire } from './expiry.ts'
export { uploadsList, versionsList, type ListedVersion } from './lists.ts'
export { begunWith, bodyOpen, segmentsOf, type Range, type Reading } from './read.ts'
export { versionRestore } from './restore.ts'
export { transferCount, transfersWrite } from './transfers.ts'
export {
  partCopy,
  partPut,
  partsList,
  uploadAbort,
  uploadComplete,
  uploadCreate,
  uploadFind,
  type CompletedPart,
  type PartPut,
  type UploadComplete,
} from './uploads.ts'
