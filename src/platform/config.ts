// What an operator can set, with defaults. Read once at start and passed in; nothing reads the environment elsewhere.
import { defaultIdentity, type IdentitySettings } from './identity-settings.ts'
import type { FetchRules } from './guarded-fetch/rules.ts'
import { defaultObject, type ObjectSettings, type S3Door } from './object-settings.ts'

export interface Config {
  /** where all state lies */
  dataDir: string
  /** address and port of the one listener */
  listen: { address: string; port: number }
  /** the URL that the catalog shows: http://127.0.0.1:9000 */
  publicUrl: string
  drivers: 'real' | 'fake'
  /** servers that ran when their host went down are started again when it is back */
  resumeGuests: boolean
  /** postgres://…; undefined: SQLite in the data directory */
  databaseUrl?: string
  region: string
  /** seconds that a token lives */
  tokenLifetimeSeconds: number
  /** passwords, lockout, logins, delegation */
  identity: IdentitySettings
  object: ObjectSettings
  /** null: there is no S3 API */
  s3: S3Door | null
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** where URLs that users write may lead; not set: Glance's defaults */
  fetchRules?: FetchRules
  /** projects may add URLs as locations of images (Glance with its http store); not set: no */
  imageLocations?: boolean
  /** how long the timeline remembers what is gone */
  timelineKeepDays: number
  /** rows a list page holds at most (Nova's max_limit) */
  maxPageSize: number
}

export const defaultConfig: Omit<Config, 'dataDir' | 'publicUrl'> = {
  listen: { address: '127.0.0.1', port: 9000 },
  drivers: 'fake',
  resumeGuests: true,
  region: 'RegionOne',
  tokenLifetimeSeconds: 3600,
  identity: defaultIdentity,
  object: defaultObject,
  s3: null,
  logLevel: 'info',
  timelineKeepDays: 400,
  maxPageSize: 1000,
}
