// What the engine and the doors use blobs by.
export { crcCombine } from '../../platform/bytes/crc.ts'
export { digestOf, digestStart, type Digest, type Digests } from '../../platform/bytes/digests.ts'
export { blobsOf, type BlobStore, type ReadRequest, type TakeRequest } from './blob-store.ts'
export type { Body } from './body.ts'
