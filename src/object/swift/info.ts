// /info: what this cloud's Swift can do. Each feature adds a section of its own; nothing is said that is not built.
import { table } from '../../platform/table.ts'
import type { Platform } from '../../platform/context.ts'
import { limits, storagePolicy } from './limits.ts'

/** null: it is switched off */
export type InfoSection = (platform: Platform) => Record<string, unknown> | null

const swift: InfoSection = ({ config }) => ({
  version: '2.38.0',
  strict_cors_mode: true,
  account_autocreate: true,
  allow_account_management: false,
  policies: [{ name: storagePolicy, default: true, aliases: storagePolicy }],
  valid_api_versions: ['v1', 'v1.0'],
  max_file_size: limits.maxFileBytes,
  max_meta_name_length: limits.metaNameLength,
  max_meta_value_length: limits.metaValueLength,
  max_meta_count: limits.metaCount,
  max_meta_overall_size: limits.metaBytes,
  max_header_size: limits.headerBytes,
  max_object_name_length: limits.objectNameBytes,
  max_account_name_length: limits.accountNameBytes,
  max_container_name_length: limits.containerNameBytes,
  account_listing_limit: limits.listing,
  container_listing_limit: limits.listing,
  extra_header_count: 0,
  region: config.region,
})

const sections = table<InfoSection>({
  swift,
  account_quotas: () => ({}),
  container_quotas: () => ({}),
  crossdomain: () => ({}),
})

/** A feature says what it can do. */
export function infoAdd(name: string, section: InfoSection): void {
  sections[name] = section
}

export const infoText = (platform: Platform): string => {
  const shown = Object.entries(sections).map(([name, section]) => [name, section(platform)] as const)
  return JSON.stringify(Object.fromEntries(shown.filter(([, section]) => section !== null)))
}
