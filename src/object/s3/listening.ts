// The S3 API's open listener, as the process keeps it: `platform.caches.get(s3Listening)`.

export interface S3Listening {
  /** the one that it got, where any would do */
  port: number
  close(): Promise<void>
}

export const s3Listening = 'object.s3-listening'
