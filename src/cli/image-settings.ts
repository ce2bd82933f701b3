// The groups of settings.yaml that say where users' URLs may lead (`import_filtering_opts`, by Glance's names) and whether a
// URL may be an image's location (`image`).
import { isIP } from 'node:net'
import type { Config } from '../platform/config.ts'
import { defaultFetchRules, type FetchRules } from '../platform/guarded-fetch/rules.ts'
import { isGroup } from './setting-readers.ts'

type Group = Record<string, unknown>

const scheme = (item: unknown): string | undefined => (item === 'http' || item === 'https' ? item : undefined)

const port = (item: unknown): number | undefined =>
  typeof item === 'number' && Number.isInteger(item) && item > 0 && item < 65_536 ? item : undefined

/** A name, an address or a network. */
function host(item: unknown): string | undefined {
  if (typeof item !== 'string' || !/^[0-9a-z.:_/-]{1,255}$/i.test(item)) return undefined
  const [address = '', bits, ...more] = item.toLowerCase().split('/')
  if (bits === undefined) return address
  const family = isIP(address)
  const isNetwork = more.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  return isNetwork ? `${address}/${bits}` : undefined
}

interface ListSetting {
  setting: keyof FetchRules
  /** what stands in the list */
  items: string
  /** undefined: it is none of these */
  read(item: unknown): string | number | undefined
}

const filtering: Record<string, ListSetting> = {
  allowed_schemes: { setting: 'schemes', items: 'http and https', read: scheme },
  allowed_ports: { setting: 'ports', items: 'ports', read: port },
  allowed_hosts: { setting: 'onlyHosts', items: 'names, addresses and networks', read: host },
  disallowed_hosts: { setting: 'notHosts', items: 'names, addresses and networks', read: host },
}

export const imageGroups = ['import_filtering_opts', 'image']

/** Reads the groups that are there; what is wrong is handed to `wrong`, which throws. */
export function imageSettings(content: Group, wrong: (what: string) => never): Pick<Config, 'fetchRules' | 'imageLocations'> {
  const found: Pick<Config, 'fetchRules' | 'imageLocations'> = {}
  const { import_filtering_opts: rules, image } = content
  if (rules !== undefined) {
    const set: Record<string, unknown> = { ...defaultFetchRules }
    for (const [name, value] of Object.entries(asGroup(rules, 'import_filtering_opts', wrong))) {
      const known = Object.hasOwn(filtering, name) ? filtering[name] : undefined
      if (!known) return wrong(`there is no setting '${name}' in the group 'import_filtering_opts'`)
      const items = Array.isArray(value) ? value.map(known.read) : [undefined]
      if (items.includes(undefined)) return wrong(`'${name}' in the group 'import_filtering_opts' must be a list of ${known.items}`)
      set[known.setting] = items
    }
    // the defaults, each list replaced by one that its reader made
    found.fetchRules = set as unknown as FetchRules
  }
  if (image !== undefined) {
    for (const [name, value] of Object.entries(asGroup(image, 'image', wrong))) {
      if (name !== 'http_locations') return wrong(`there is no setting '${name}' in the group 'image'`)
      if (typeof value !== 'boolean') return wrong("'http_locations' in the group 'image' must be true or false")
      found.imageLocations = value
    }
  }
  return found
}

function asGroup(value: unknown, name: string, wrong: (what: string) => never): Group {
  return isGroup(value) ? value : wrong(`there is no group of settings '${name}'`)
}
