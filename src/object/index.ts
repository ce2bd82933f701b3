// The face of object storage: the only file of it that others import. How it is wired into the cloud: domain.ts.
export { blobsStatus } from './blobs/wiring.ts'
