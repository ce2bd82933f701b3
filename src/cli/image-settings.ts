// The groups of settings.yaml that say where users' URLs may lead (`import_filtering_opts`, by Glance's names) and whether a
// URL may be an image's location (`image`).
import { isIP } from 'node:net'
import type { Config } from '../platform/config.ts'
import { defaultFetchRules, type FetchRules } from '../platform/guarded-fetch/rules.ts'

type Group = Record<string, unknown>

function list<Item>(read: (item: unknown) => Item, what: string): (value: unknown) => Item[] {
  return (value) => {
    if (!Array.isArray(value)) throw new Error(`a list of ${what}`)
    return value.map((item) => {
      try {
        return read(item)
      } catch (cause) {
        throw new Error(`a list of ${what}`, { cause })
      }
    })
  }
}

function expect(condition: boolean): void {
  if (!condition) throw new Error('something else')
}

const scheme = (item: unknown): string => (expect(item === 'http' || item === 'https'), item as string)
const port = (item: unknown): number => (expect(Number.isInteger(item) && (item as number) > 0 && (item as number) < 65_536), item as number)

/** A name, an address or a network. */
function host(item: unknown): string {
  expect(typeof item === 'string' && /^[0-9a-z.:_/-]{1,255}$/i.test(item))
  const [address = '', bits, ...more] = (item as string).toLowerCase().split('/')
  if (bits === undefined) return address
  const family = isIP(address)
  expect(more.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  return `${address}/${bits}`
}

const filtering: Record<string, { setting: keyof FetchRules; read: (value: unknown) => unknown[] }> = {
  allowed_schemes: { setting: 'schemes', read: list(scheme, 'http and https') },
  allowed_ports: { setting: 'ports', read: list(port, 'ports') },
  allowed_hosts: { setting: 'onlyHosts', read: list(host, 'names, addresses and networks') },
  disallowed_hosts: { setting: 'notHosts', read: list(host, 'names, addresses and networks') },
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
      try {
        set[known.setting] = known.read(value)
      } catch (error) {
        return wrong(`'${name}' in the group 'import_filtering_opts' must be ${(error as Error).message}`)
      }
    }
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
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(`there is no group of settings '${name}'`)
  return value as Group
}
