// The group `object_storage` of settings.yaml (docs/object-storage.md).
import { accessSync, constants } from 'node:fs'
import { defaultObject, type ObjectSettings } from '../platform/object-settings.ts'
import { flag, groupRead, isGroup, number, orNull, type Option, type Read } from './setting-readers.ts'

const text =
  (pattern: RegExp, what: string): Read =>
  (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new Error(what)
    return value
  }
const word = text(/^[\w.-]{1,255}$/, 'a word')
const secret = text(/^.{1,1024}$/, 'a text')
const url: Read = (value) => {
  const parsed = typeof value === 'string' ? URL.parse(value) : null
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw new Error('a URL that begins with https:// or http://')
  return parsed.href.replace(/\/+$/, '')
}
const file: Read = (value) => {
  if (typeof value !== 'string') throw new Error('the path of a file')
  try {
    accessSync(value, constants.R_OK)
  } catch (cause) {
    throw new Error(`the path of a file that can be read (${(cause as NodeJS.ErrnoException).code})`, { cause })
  }
  return value
}
const list =
  (read: Read): Read =>
  (value) => {
    if (!Array.isArray(value)) throw new Error('a list')
    return value.map(read)
  }
const mapping = (value: unknown): Record<string, unknown> => {
  if (!isGroup(value)) throw new Error('a mapping')
  return value
}
const mapOf =
  (name: Read, read: Read): Read =>
  (value) =>
    Object.fromEntries(Object.entries(mapping(value)).map(([key, one]) => [String(name(key)), read(one)]))

interface Member {
  as: string
  read: Read
}

/** A mapping with these members and no other. */
const record =
  (members: Record<string, Member>): Read =>
  (value) => {
    const given = mapping(value)
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(members, name))
    if (unknown !== undefined) throw new Error(`a mapping of ${Object.keys(members).join(', ')}: there is no '${unknown}'`)
    const entries = Object.entries(members).flatMap(([name, { as, read }]) => {
      try {
        return [[as, read(given[name])] as const]
      } catch (error) {
        throw new Error(`a mapping whose '${name}' is ${(error as Error).message}`, { cause: error })
      }
    })
    return Object.fromEntries(entries)
  }

const tls = record({ certificate: { as: 'certificate', read: file }, key: { as: 'key', read: file } })
const s3Blobs = record({
  driver: { as: 'driver', read: text(/^s3$/, "'s3'") },
  endpoint: { as: 'endpoint', read: url },
  bucket: { as: 'bucket', read: word },
  access_key: { as: 'accessKey', read: secret },
  secret_key: { as: 'secretKey', read: secret },
  region: { as: 'region', read: word },
})
const blobs: Read = (value) => (mapping(value)['driver'] === 'files' ? { driver: 'files' } : s3Blobs(value))
const rates = mapOf(text(/^\d{1,12}$/, 'a number of objects'), number(0, 1_000_000))
const digest = text(/^(sha1|sha256|sha512)$/, 'sha1, sha256 or sha512')

const mostMib = 2 ** 40
const days = 3650

const options: Record<string, Option<ObjectSettings>> = {
  blobs: { setting: 'blobs', read: blobs },
  audit_mib_per_second: { setting: 'auditMibPerSecond', read: number(0, 10_000) },
  reserve_free_mib: { setting: 'reserveFreeMib', read: number(0, mostMib) },
  default_account_quota_mib: { setting: 'defaultAccountQuotaMib', read: orNull(number(0, mostMib)) },
  encryption: { setting: 'encryption', read: flag },
  static_web: { setting: 'staticWeb', read: flag },
  form_post: { setting: 'formPost', read: flag },
  temp_url_digests: { setting: 'tempUrlDigests', read: list(digest) },
  v1_auth: { setting: 'v1Auth', read: flag },
  read_only: { setting: 'readOnly', read: flag },
  allow_deletes: { setting: 'allowDeletes', read: flag },
  storage_domains: { setting: 'storageDomains', read: list(word) },
  account_rate: { setting: 'accountRate', read: number(0, 1_000_000) },
  container_rates: { setting: 'containerRates', read: rates },
  listing_rates: { setting: 'listingRates', read: rates },
  rate_max_sleep_seconds: { setting: 'rateMaxSleepSeconds', read: number(0, 3600) },
  account_blacklist: { setting: 'accountBlacklist', read: list(word) },
  account_whitelist: { setting: 'accountWhitelist', read: list(word) },
  upload_keep_days: { setting: 'uploadKeepDays', read: number(1, days) },
  block_public_access: { setting: 'blockPublicAccess', read: flag },
  s3_region: { setting: 's3Region', read: orNull(word) },
  s3_public_url: { setting: 's3PublicUrl', read: orNull(url) },
  s3_tls: { setting: 's3Tls', read: orNull(tls) },
}

export const objectGroup = 'object_storage'

/** Reads the group; what is wrong is handed to `wrong`, which throws. */
export function objectSettings(group: unknown, wrong: (what: string) => never): ObjectSettings {
  const set: ObjectSettings = { ...defaultObject }
  if (group !== undefined) groupRead(set, group, { group: objectGroup, options, wrong })
  return set
}
