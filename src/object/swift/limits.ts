// What Swift lets one request hold, as /info says it.
export const limits = {
  maxFileBytes: 5_368_709_122,
  metaNameLength: 128,
  metaValueLength: 256,
  metaCount: 90,
  metaBytes: 4_096,
  headerBytes: 8_192,
  objectNameBytes: 1_024,
  accountNameBytes: 256,
  containerNameBytes: 256,
  listing: 10_000,
} as const

/** The one storage policy. */
export const storagePolicy = 'Policy-0'
