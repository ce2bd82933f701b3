// Where a URL that a user wrote may lead. The rules are Glance's import_filtering options with its defaults, and one that
// has no option: an address that never names a place to get things from (a machine's metadata service, "this network",
// groups) is refused whatever name it goes by.
import { BlockList, isIP, isIPv4 } from 'node:net'

export interface FetchRules {
  schemes: readonly string[]
  /** empty: all */
  ports: readonly number[]
  /** names, addresses and networks (10.0.0.0/8) that alone may be reached; empty: all */
  onlyHosts: readonly string[]
  /** names, addresses and networks that may not be reached, by whatever name */
  notHosts: readonly string[]
}

export const defaultFetchRules: FetchRules = { schemes: ['http', 'https'], ports: [80, 443], onlyHosts: [], notHosts: [] }

/** The URL, or where it leads, is not allowed, or what came from there is too much or too slow: nothing that trying again would mend. */
export class GuardError extends Error {}

const never = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
])
/** IPv6 addresses that carry an IPv4 one in their last 32 bits */
const carriers = blockList(['::/96', '64:ff9b::/96'])

/** The URL if the rules allow it, before any name is looked up; throws GuardError. */
export function checkUrl(text: string, rules: FetchRules): URL {
  const refused = (why: string) => new GuardError(`the URL ${shown(text)} is not allowed: ${why}`)
  if (!URL.canParse(text)) throw refused('it is no URL')
  const url = new URL(text)
  const scheme = url.protocol.slice(0, -1)
  if (!rules.schemes.includes(scheme)) throw refused(`its scheme is not ${rules.schemes.join(' or ')}`)
  if (url.username !== '' || url.password !== '') throw refused('it carries credentials')
  const port = portOf(url)
  if (rules.ports.length > 0 && !rules.ports.includes(port)) throw refused(`port ${port} is not ${rules.ports.join(' or ')}`)
  const host = hostOf(url)
  if (host === '') throw refused('it names no host')
  // 2130706433, 0x7f.1, 127.1 and 0177.0.0.1 are 127.0.0.1 to a URL parser: who writes so wants to hide it
  if (isIPv4(host) && writtenHost(text) !== host) throw refused('its address is not written in the usual way')
  if (isIP(host) !== 0) checkAddress(host, host, rules)
  else if (rules.onlyHosts.length > 0 && !rules.onlyHosts.some(isNetwork) && !rules.onlyHosts.includes(host))
    throw refused('its host is not among those that are allowed')
  else if (rules.notHosts.includes(host)) throw refused('its host is among those that are not')
  return url
}

/** An address that a host's name was found to have, or that the URL names; throws GuardError. */
export function checkAddress(address: string, host: string, rules: FetchRules): void {
  const refused = (why: string) => new GuardError(`the host ${host} is not allowed: ${why}`)
  const plain = unmapped(address)
  if (isIP(plain) === 0) throw refused(`${shown(address)} is no address`)
  if (contains(never, plain)) throw refused(`${plain} is no address to get anything from`)
  if (contains(blockList(rules.notHosts.filter(isNetwork)), plain)) throw refused(`${plain} is among those that are not`)
  if (rules.onlyHosts.length > 0 && !rules.onlyHosts.includes(host) && !contains(blockList(rules.onlyHosts.filter(isNetwork)), plain)) {
    throw refused(`${plain} is not among those that are allowed`)
  }
}

export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

export const portOf = (url: URL): number => (url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port))

/** What stands where the host stands, as it was written. */
function writtenHost(text: string): string {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)/i.exec(text.trim())?.[1] ?? ''
  return authority.replace(/:\d*$/, '').toLowerCase()
}

const isNetwork = (entry: string): boolean => isIP(entry.split('/', 1)[0] ?? '') !== 0

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }
  return list
}

const contains = (list: BlockList, address: string): boolean => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

/** ::ffff:127.0.0.1 and its like are the address that they carry. */
function unmapped(address: string): string {
  const bare = address.split('%', 1)[0] ?? ''
  if (isIP(bare) !== 6) return bare
  const mapped = /^::(?:ffff:(?:0:)?)?(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  // the parser of URLs writes the last 32 bits as two groups
  const hex = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  const groups = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(hex)
  if (!groups || hex === '::1') return bare
  const [high, low] = [parseInt(groups[1] ?? '0', 16), parseInt(groups[2] ?? '0', 16)]
  return contains(carriers, bare) || hex.startsWith('::ffff:') ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : bare
}

/** Users' text in a message: short, nothing that a terminal obeys, and neither credentials nor a query, which may be a signature. */
function shown(text: string): string {
  const open = text.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1…@').replace(/[?#].*$/s, '?…')
  return JSON.stringify(open.length > 200 ? `${open.slice(0, 200)}…` : open)
}
