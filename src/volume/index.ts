// The face of the volume domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export { attachmentBeginDetaching, attachmentComplete, attachmentRollDetaching } from './attachments.ts'
export {
  volumeAccept,
  volumeBootstrap,
  volumeCreateAccepted,
  volumeDeleteAccepted,
  volumeGet,
  volumesByIds,
  volumeSnapshot,
  volumeTypeMayBeUsed,
  snapshotOutside,
  volumeReimageAccept,
  volumeReimageCommit,
  volumeReimageFailed,
  volumeReimageRun,
  type AcceptedReimage,
  type AcceptedVolume,
  type NewVolume,
  type VolumeFacts,
} from './exported.ts'
export {
  attachmentConnect,
  attachmentDetach,
  attachmentDisconnect,
  attachmentRelease,
  attachmentReserve,
  attachmentReserveMade,
  attachmentsOfServers,
  serversOfVolume,
  type AttachmentFacts,
  type AttachmentWanted,
} from './server-attachments.ts'
export { attachmentsByIds, attachmentsOwned, type OwnedAttachment } from './checks/owned-attachments.ts'
export { refuseHeld } from './checks/holders.ts'
export { poolsUpdate } from './services.ts'
export { volumeWatch, type VolumeWatcher } from './watchers.ts'
