// Which address range of this machine is free: one that nothing is routed to and that no interface has an address in.
// What a new cloud's `public` takes, so that two clouds on one machine do not answer for the same addresses.
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { parsePrefix } from './addresses.ts'

/** The first of the candidates (IPv4 prefixes) that is free here; undefined when none is. */
export function freeRange(candidates: string[]): string | undefined {
  const taken = [...routedRanges(readFileSync('/proc/net/route', 'utf8')), ...ownAddresses()]
  return candidates.find((candidate) => !taken.some((range) => overlap(candidate, range)))
}

/** The destinations in /proc/net/route but the default route: '172.24.4.0/24'. Its numbers are hexadecimal, lowest byte first. */
export function routedRanges(table: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && fields[7] !== '00000000')
    .map((fields) => `${dotted(fields[1] ?? '')}/${bits(fields[7] ?? '')}`)
}

const bytes = (hex: string) => (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16))
const dotted = (hex: string) => bytes(hex).join('.')
const bits = (hex: string) => bytes(hex).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)

const ownAddresses = () =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : [])),
  )

/** Two prefixes either contain one another or do not meet. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [parsePrefix(one), parsePrefix(other)]
  if (!a || !b) return false
  const shift = BigInt(32 - Math.min(a.length, b.length))
  return a.value >> shift === b.value >> shift
}
