// What the engine and the doors use blobs by.
export { blobsOf, type BlobStore, type ReadRequest, type TakeRequest } from './blob-store.ts'
export type { Body } from './body.ts'
