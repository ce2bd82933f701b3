// What a subnet may be, against counting: in a prefix of a few addresses each is looked at by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from '../../platform/errors.ts'
import { cidrOf, eui64, formatCidr, formatIp, parseCidr, parseIp } from '../addresses/addresses.ts'
import { isUsable } from '../addresses/ipam.ts'
import { isRouted } from '../routers/rules.ts'
import { defaultPools, gatewayCheck, overlapCheck, poolsCheck, poolsTotal } from './rules.ts'

const at = (host: number) => `10.0.0.${host}`
const host = fc.integer({ min: 0, max: 20 })
const pool = fc.tuple(host, host).map(([start, end]) => ({ start, end }))

/** The type of the refusal, or what was returned. */
function typeOf(attempt: () => unknown): unknown {
  try {
    attempt()
    return 'accepted'
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    return error.type
  }
}

test('pools are taken exactly when they lie in the prefix, begin before they end, do not meet and leave the gateway out', () => {
  fc.assert(
    fc.property(fc.array(pool, { maxLength: 4 }), fc.integer({ min: 27, max: 30 }), fc.option(host), (pools, length, gateway) => {
      const cidr = cidrOf(4, parseIp(at(0))?.value ?? 0n, length)
      const size = 2 ** (32 - length)
      const first = (): string => {
        const seen = new Set<number>()
        for (const { start, end } of pools) {
          if (end < start) return 'InvalidAllocationPool'
          if (start < 1 || end > size - 2) return 'OutOfBoundsAllocationPool'
          const members = Array.from({ length: end - start + 1 }, (_, index) => start + index)
          if (members.some((member) => seen.has(member))) return 'OverlappingAllocationPools'
          for (const member of members) seen.add(member)
        }
        return gateway !== null && seen.has(gateway) ? 'GatewayConflictWithAllocationPools' : 'accepted'
      }
      const given = pools.map(({ start, end }) => ({ start: at(start), end: at(end) }))
      assert.equal(
        typeOf(() => poolsCheck(cidr, given, gateway === null ? null : at(gateway))),
        first(),
      )
    }),
    { numRuns: 500 },
  )
})

test('the default pools and their gateway are what the check takes, and hold only usable addresses', () => {
  fc.assert(
    fc.property(fc.constantFrom(4 as const, 6 as const), fc.integer({ min: 2, max: 8 }), fc.nat(200), (version, bits, net) => {
      const cidr = cidrOf(version, BigInt(net) << 8n, (version === 4 ? 32 : 128) - bits)
      const gateway = gatewayCheck(cidr, undefined, true)
      const pools = defaultPools(cidr, gateway)
      assert.deepEqual(poolsCheck(cidr, pools, gateway), pools)
      for (const { start, end } of pools)
        for (const address of [start, end]) assert.ok(isUsable(cidr, address), `${address} of ${formatCidr(cidr)}`)
      assert.ok(gateway !== null && isUsable(cidr, gateway))
      // all but the network's own address, the gateway and, of IPv4, the broadcast address
      assert.equal(poolsTotal(pools), (1n << BigInt(bits)) - (version === 4 ? 3n : 2n))
    }),
  )
})

test('prefixes overlap exactly when they share an address; a route goes by way of the prefix that its next hop lies in', () => {
  const prefix = fc.tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 32 }))
  const cidrOfPair = ([start, length]: [number, number]) => cidrOf(4, (parseIp('10.0.0.0')?.value ?? 0n) + BigInt(start), length)
  fc.assert(
    fc.property(prefix, prefix, fc.integer({ min: 0, max: 63 }), (a, b, hop) => {
      const [one, other] = [cidrOfPair(a), cidrOfPair(b)]
      const members = (cidr: typeof one) =>
        new Set(Array.from({ length: Number(cidr.last - cidr.first) + 1 }, (_, index) => cidr.first + BigInt(index)))
      const isShared = [...members(one)].some((address) => members(other).has(address))
      assert.equal(
        typeOf(() => overlapCheck(one, 'network', [{ id: 'x', cidr: formatCidr(other) }])),
        isShared ? 'InvalidInput' : 'accepted',
      )
      const nexthop = formatIp(4, (parseIp('10.0.0.0')?.value ?? 0n) + BigInt(hop))
      assert.equal(isRouted([{ destination: '192.0.2.0/24', nexthop }], formatCidr(one)), members(one).has(parseIp(nexthop)?.value ?? -1n))
    }),
  )
  assert.equal(
    typeOf(() => overlapCheck(cidrOf(6, 0n, 64), 'network', [{ id: 'x', cidr: '0.0.0.0/8' }])),
    'accepted',
  )
})

test('EUI-64: the address of RFC 4291, and every MAC can be read back from its own', () => {
  const prefix = parseCidr('2001:db8::/64')
  assert.ok(prefix)
  assert.equal(formatIp(6, eui64(prefix, '34:56:78:9a:bc:de')), '2001:db8::3656:78ff:fe9a:bcde')
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      const mac = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
      const low = eui64(prefix, mac) - prefix.first
      assert.ok(low >= 0n && low < 1n << 64n)
      const read = Array.from({ length: 8 }, (_, index) => Number((low >> BigInt(8 * (7 - index))) & 0xffn))
      assert.deepEqual(read.slice(3, 5), [0xff, 0xfe])
      assert.deepEqual([(read[0] ?? 0) ^ 2, ...read.slice(1, 3), ...read.slice(5)], [...bytes])
    }),
  )
})
