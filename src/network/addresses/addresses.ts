// Addresses, prefixes and ranges of both families as numbers: what IPAM and validation reckon with. Pure.
import { Address4, Address6 } from 'ip-address'
import { isIPv4, isIPv6 } from 'node:net'

export type IpVersion = 4 | 6

export interface Ip {
  version: IpVersion
  value: bigint
}

export interface Cidr {
  version: IpVersion
  /** the address as written */
  address: bigint
  length: number
  first: bigint
  last: bigint
}

export interface Range {
  first: bigint
  last: bigint
}

const widthOf = (version: IpVersion): number => (version === 4 ? 32 : 128)

/** '10.0.0.1', 'fd00::1' → number; null for anything else. */
export function parseIp(text: string): Ip | null {
  if (isIPv4(text)) {
    let value = 0
    for (const part of text.split('.')) value = value * 256 + Number(part)
    return { version: 4, value: BigInt(value) }
  }
  if (!isIPv6(text) || text.includes('%')) return null
  return { version: 6, value: new Address6(text).bigInt() }
}

/** The canonical spelling: RFC 5952 for IPv6. */
export function formatIp(version: IpVersion, value: bigint): string {
  if (version === 6) return Address6.fromBigInt(value).correctForm()
  const number = Number(value)
  return `${Math.floor(number / 0x1000000)}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
}

/** The canonical spelling of an address that was parsed before, or the text itself when it is none. */
export function canonicalIp(text: string): string {
  const ip = parseIp(text)
  return ip ? formatIp(ip.version, ip.value) : text
}

/** '10.0.0.5/24' → its parts; a bare address is a prefix of full length; null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/')
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (!ip) return null
  const width = widthOf(ip.version)
  const suffix = slash < 0 ? String(width) : text.slice(slash + 1)
  const length = /^\d{1,3}$/.test(suffix) ? Number(suffix) : maskLength(ip.version, suffix)
  if (length === null || length > width) return null
  return cidrOf(ip.version, ip.value, length)
}

/** '255.255.255.0' → 24 */
function maskLength(version: IpVersion, text: string): number | null {
  if (version !== 4 || !isIPv4(text)) return null
  const bits = new Address4(text).bigInt().toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null
}

export function cidrOf(version: IpVersion, address: bigint, length: number): Cidr {
  const host = BigInt(widthOf(version) - length)
  const first = (address >> host) << host
  return { version, address, length, first, last: first + (1n << host) - 1n }
}

/** The network, canonical: host bits are cut off. */
export const formatCidr = (cidr: Cidr): string => `${formatIp(cidr.version, cidr.first)}/${cidr.length}`

export const rangesOverlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last
export const rangeContains = (outer: Range, inner: Range): boolean => outer.first <= inner.first && inner.last <= outer.last
export const rangeHas = (range: Range, value: bigint): boolean => range.first <= value && value <= range.last
export const rangeSize = (range: Range): bigint => range.last - range.first + 1n

export const cidrsOverlap = (a: Cidr, b: Cidr): boolean => a.version === b.version && rangesOverlap(a, b)

/** Sorted, and what touches or overlaps made one. */
export function mergeRanges(ranges: Range[]): Range[] {
  const merged: Range[] = []
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const last = merged.at(-1)
    if (last && range.first <= last.last + 1n) last.last = range.last > last.last ? range.last : last.last
    else merged.push({ first: range.first, last: range.last })
  }
  return merged
}

/** What is left of ranges when others are taken out. */
export function subtractRanges(from: Range[], taken: Range[]): Range[] {
  let left = mergeRanges(from)
  for (const hole of mergeRanges(taken)) {
    left = left.flatMap((range) => {
      if (!rangesOverlap(range, hole)) return [range]
      const parts: Range[] = []
      if (range.first < hole.first) parts.push({ first: range.first, last: hole.first - 1n })
      if (hole.last < range.last) parts.push({ first: hole.last + 1n, last: range.last })
      return parts
    })
  }
  return left
}

/** The fewest prefixes that make up a range. */
export function rangeToCidrs(version: IpVersion, range: Range): Cidr[] {
  const cidrs: Cidr[] = []
  let first = range.first
  while (first <= range.last) {
    let length = widthOf(version)
    while (length > 0) {
      const wider = cidrOf(version, first, length - 1)
      if (wider.first !== first || wider.last > range.last) break
      length--
    }
    const cidr = cidrOf(version, first, length)
    cidrs.push(cidr)
    first = cidr.last + 1n
  }
  return cidrs
}

/** The address that a host makes itself in a /64 from its MAC (EUI-64). */
export function eui64(prefix: Cidr, mac: string): bigint {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16))
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  const low = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return prefix.first | low
}
