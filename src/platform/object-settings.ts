// What an operator can set of object storage, with defaults. `<data>/settings.yaml` sets them (cli/object-settings.ts,
// docs/object-storage.md).

/** Where the S3 API listens, and the URL that the catalog shows of it. */
export interface S3Door {
  /** port 0: any that is free, for tests */
  listen: { address: string; port: number }
  publicUrl: string
}

/** Where bodies lie: files in the data directory, or another object storage. */
export type BlobPlace =
  | { driver: 'files' }
  | { driver: 's3'; endpoint: string; bucket: string; accessKey: string; secretKey: string; region: string }

export interface ObjectSettings {
  blobs: BlobPlace
  /** how fast bodies are read again and compared with their digests */
  auditMibPerSecond: number
  /** so much of the disk stays free: bodies are refused (507, S3: 503) when less is left */
  reserveFreeMib: number
  /** of an account that no reseller gave one; null: none */
  defaultAccountQuotaMib: number | null
  /** every new body is encrypted with a key of its own */
  encryption: boolean
  /** containers may be web sites */
  staticWeb: boolean
  /** browsers may upload by forms that an account's key signed */
  formPost: boolean
  /** algorithms that temporary URLs may be signed with */
  tempUrlDigests: readonly string[]
  /** X-Auth-User and X-Auth-Key at /auth/v1.0 */
  v1Auth: boolean
  /** nothing is written; `allowDeletes`: but deleted */
  readOnly: boolean
  allowDeletes: boolean
  /** accounts and containers may stand in the host name below these domains */
  storageDomains: readonly string[]
  /** changes of an account a second; 0: as many as come */
  accountRate: number
  /** by the least number of objects that a container has: its changes, and its listings, a second */
  containerRates: Readonly<Record<string, number>>
  listingRates: Readonly<Record<string, number>>
  /** a request that would have to wait longer is refused */
  rateMaxSleepSeconds: number
  /** refused altogether, and never slowed down */
  accountBlacklist: readonly string[]
  accountWhitelist: readonly string[]
  /** uploads that nobody completed, and parts, end after so many days */
  uploadKeepDays: number
  /** new buckets of the S3 API begin with a block of all public access, as Amazon's */
  blockPublicAccess: boolean
  /** the region that the S3 API calls its own; null: the cloud's */
  s3Region: string | null
  /** how others reach the S3 API, where it is not its listener's address; null: that address */
  s3PublicUrl: string | null
  /** files in PEM; null: the S3 API speaks plain HTTP */
  s3Tls: { certificate: string; key: string } | null
}

export const defaultObject: ObjectSettings = {
  blobs: { driver: 'files' },
  auditMibPerSecond: 10,
  reserveFreeMib: 1024,
  defaultAccountQuotaMib: null,
  encryption: false,
  staticWeb: true,
  formPost: true,
  tempUrlDigests: ['sha1', 'sha256', 'sha512'],
  v1Auth: true,
  readOnly: false,
  allowDeletes: false,
  storageDomains: [],
  accountRate: 0,
  containerRates: {},
  listingRates: {},
  rateMaxSleepSeconds: 60,
  accountBlacklist: [],
  accountWhitelist: [],
  uploadKeepDays: 7,
  blockPublicAccess: true,
  s3Region: null,
  s3PublicUrl: null,
  s3Tls: null,
}
