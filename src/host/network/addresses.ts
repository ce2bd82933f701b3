// Arithmetic on IP addresses and CIDRs of both families, as BigInt: parsing, containment, reduction of lists.
// Everything that goes into a rule or a command passes through here and comes out in one canonical spelling.
import { Address4, Address6 } from 'ip-address'
import { LRUCache } from 'lru-cache'

export interface Prefix {
  version: 4 | 6
  /** the address as it was given */
  value: bigint
  length: number
}

const widthOf = (version: 4 | 6) => (version === 4 ? 32 : 128)

/** Parsing IPv6 costs about 10 µs and a pass over 1,000 ports asks for the same few thousand texts again and again. */
const parsed = new LRUCache<string, { prefix: Prefix | null }>({ max: 20_000 })

/** '10.0.0.5', '10.0.0.0/24', 'fe80::1/64' → its parts; null for anything else. */
export function parsePrefix(text: string): Prefix | null {
  const known = parsed.get(text)
  if (known) return known.prefix
  const prefix = readPrefix(text)
  parsed.set(text, { prefix })
  return prefix
}

function readPrefix(text: string): Prefix | null {
  try {
    if (text.includes(':')) {
      if (text.includes('%')) return null
      const address = new Address6(text)
      return { version: 6, value: address.bigInt(), length: address.subnetMask }
    }
    const address = new Address4(text)
    return { version: 4, value: address.bigInt(), length: address.subnetMask }
  } catch {
    return null // the library's way to say that it is no address
  }
}

export function isAddress(text: string): boolean {
  return !text.includes('/') && parsePrefix(text) !== null
}

export const isIpv6 = (text: string): boolean => text.includes(':')

/** An address in its canonical spelling. */
function formatAddress(version: 4 | 6, value: bigint): string {
  return version === 4 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm()
}

const networkValue = (prefix: Prefix) => {
  const host = BigInt(widthOf(prefix.version) - prefix.length)
  return (prefix.value >> host) << host
}

/** The network of a prefix in canonical spelling: '10.0.0.5/24' → '10.0.0.0/24', '10.0.0.5' → '10.0.0.5'. */
export function canonical(text: string): string {
  const prefix = parsePrefix(text)
  if (!prefix) throw new TypeError(`not an address or prefix: ${JSON.stringify(text)}`)
  const address = formatAddress(prefix.version, networkValue(prefix))
  return prefix.length === widthOf(prefix.version) ? address : `${address}/${prefix.length}`
}

/** The network of a prefix, always with its length: '10.0.0.5' → '10.0.0.5/32'. */
export function cidrOf(text: string): string {
  const network = canonical(text)
  return network.includes('/') ? network : `${network}/${isIpv6(network) ? 128 : 32}`
}

/** An address with its length, host part kept, spelled as the kernel spells it. */
export const spelled = (text: string): string => `${addressOf(text)}/${parsePrefix(text)?.length}`

/** The address part, canonical: '10.0.0.5/24' → '10.0.0.5'. */
export function addressOf(text: string): string {
  const prefix = parsePrefix(text)
  if (!prefix) throw new TypeError(`not an address or prefix: ${JSON.stringify(text)}`)
  return formatAddress(prefix.version, prefix.value)
}

function contains(outer: Prefix, inner: Prefix): boolean {
  if (outer.version !== inner.version || outer.length > inner.length) return false
  const shift = BigInt(widthOf(outer.version) - outer.length)
  return outer.value >> shift === inner.value >> shift
}

/** Whether an address lies in a CIDR; false for anything that is neither. */
export function inCidr(address: string, cidr: string): boolean {
  const inner = parsePrefix(address)
  const outer = parsePrefix(cidr)
  return inner !== null && outer !== null && contains(outer, inner)
}

/** Canonical prefixes of one family, sorted, without those that lie inside others: what an nft interval set takes. */
export function reduce(list: string[], version: 4 | 6): string[] {
  const prefixes = list.map(parsePrefix).filter((prefix): prefix is Prefix => prefix?.version === version)
  prefixes.sort((a, b) => a.length - b.length || (networkValue(a) < networkValue(b) ? -1 : networkValue(a) > networkValue(b) ? 1 : 0))
  const kept: Prefix[] = []
  const seen = new Set<string>()
  const lengths = new Set<number>()
  for (const prefix of prefixes) {
    const shiftOf = (length: number) => BigInt(widthOf(version) - length)
    if ([...lengths].some((length) => seen.has(`${prefix.value >> shiftOf(length)}/${length}`))) continue
    seen.add(`${prefix.value >> shiftOf(prefix.length)}/${prefix.length}`)
    lengths.add(prefix.length)
    kept.push(prefix)
  }
  kept.sort((a, b) => (networkValue(a) < networkValue(b) ? -1 : networkValue(a) > networkValue(b) ? 1 : 0))
  return kept.map((prefix) => {
    const address = formatAddress(version, networkValue(prefix))
    return prefix.length === widthOf(version) ? address : `${address}/${prefix.length}`
  })
}

/** The link-local address that a MAC's owner makes itself (EUI-64). */
export function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16))
  const eui = [(bytes[0] ?? 0) ^ 2, bytes[1], bytes[2], 0xff, 0xfe, bytes[3], bytes[4], bytes[5]]
  const low = eui.reduce<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n)
  return formatAddress(6, (0xfe80n << 112n) | low)
}

/** 24 → '255.255.255.0' */
export const netmask = (length: number): string => formatAddress(4, length === 0 ? 0n : (0xffffffffn << BigInt(32 - length)) & 0xffffffffn)
