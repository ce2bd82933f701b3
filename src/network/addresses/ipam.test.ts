import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import {
  cidrOf,
  formatCidr,
  formatIp,
  mergeRanges,
  parseCidr,
  parseIp,
  rangeSize,
  rangeToCidrs,
  subtractRanges,
  type Range,
} from './addresses.ts'
import { allocationGap } from './allocations.store.ts'
import { defaultPools, gatewayCheck, poolsTotal } from '../subnets/rules.ts'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 30 }))
    .map(([first, size]): Range => ({ first: BigInt(first), last: BigInt(first + size) })),
  { maxLength: 6 },
)
const members = (list: Range[]) =>
  new Set(list.flatMap(({ first, last }) => Array.from({ length: Number(last - first) + 1 }, (_, index) => Number(first) + index)))

test('ranges: merging keeps the members, subtracting takes exactly the others', () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      assert.deepEqual(members(mergeRanges(a)), new Set([...members(a)].sort((x, y) => x - y)))
      assert.deepEqual(
        new Set([...members(subtractRanges(a, b))].sort((x, y) => x - y)),
        new Set([...members(a)].filter((n) => !members(b).has(n)).sort((x, y) => x - y)),
      )
    }),
  )
})

test('addresses and prefixes come back as they went, and a range is the sum of its prefixes', () => {
  const version = fc.constantFrom(4 as const, 6 as const)
  fc.assert(
    fc.property(version, fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (v, big) => {
      const value = v === 4 ? big & 0xffffffffn : big
      assert.deepEqual(parseIp(formatIp(v, value)), { version: v, value })
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }), (address, length) => {
      const cidr = cidrOf(4, BigInt(address), length)
      const parsed = parseCidr(formatCidr(cidr))
      assert.deepEqual([parsed?.first, parsed?.last, parsed?.length], [cidr.first, cidr.last, length])
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 100_000n }), fc.bigInt({ min: 0n, max: 5000n }), (first, size) => {
      const parts = rangeToCidrs(4, { first, last: first + size })
      assert.equal(
        parts.reduce((sum, part) => sum + rangeSize(part), 0n),
        size + 1n,
      )
      assert.deepEqual(mergeRanges(parts), [{ first, last: first + size }])
    }),
  )
})

test('default pools hold every host address but the gateway', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 32 }), fc.boolean(), (address, length, hasGateway) => {
      const cidr = cidrOf(4, BigInt(address), length)
      const gateway = gatewayCheck(cidr, hasGateway ? undefined : null)
      const hosts = length >= 31 ? 1n << BigInt(32 - length) : (1n << BigInt(32 - length)) - 2n
      // the gateway of a prefix of one address lies outside of it
      assert.equal(poolsTotal(defaultPools(cidr, gateway)), hosts - (gateway === null || length === 32 ? 0n : 1n))
    }),
  )
})

const network = async (subnet: Record<string, unknown>, as = 'member@p1') => {
  const made = await api.make('/networks', 'network', {}, as)
  return {
    networkId: made.id as string,
    subnet: await api.make('/subnets', 'subnet', { network_id: made.id, ip_version: 4, ...subnet }, as),
  }
}

test('ports made at once never share an address, and a full pool says so', async () => {
  await api.ask('PUT', '/quotas/p1', { quota: { port: -1, network: -1, subnet: -1 } }, 'admin@p1')
  const { networkId, subnet } = await network({ cidr: '10.1.0.0/26' })
  const answers = await Promise.all(Array.from({ length: 70 }, () => api.ask('POST', '/ports', { port: { network_id: networkId } })))
  const made = answers.filter(({ status }) => status === 201).map(({ body }) => body.port.fixed_ips[0].ip_address as string)
  assert.equal(made.length, 61)
  assert.equal(new Set(made).size, 61)
  for (const { body } of answers.filter(({ status }) => status !== 201)) assert.equal(body.NeutronError.type, 'IpAddressGenerationFailure')
  const { body } = await api.ask('GET', `/network-ip-availabilities/${networkId}`, undefined, 'admin@p1')
  assert.deepEqual([body.network_ip_availability.used_ips, body.network_ip_availability.total_ips], [61, 61])
  // one given back is the one that is found again
  const [gone] = (await api.ask('GET', `/ports?network_id=${networkId}&limit=1`)).body.ports
  assert.equal((await api.ask('DELETE', `/ports/${gone.id}`)).status, 204)
  const again = await api.make('/ports', 'port', { network_id: networkId })
  assert.deepEqual(again.fixed_ips, [{ subnet_id: subnet.id, ip_address: gone.fixed_ips[0].ip_address }])
})

test('addresses come from the pools only, over several pools', async () => {
  const pools = [
    { start: '10.2.0.10', end: '10.2.0.12' },
    { start: '10.2.0.20', end: '10.2.0.21' },
  ]
  const { networkId } = await network({ cidr: '10.2.0.0/24', allocation_pools: pools })
  const made = await Promise.all(Array.from({ length: 5 }, () => api.make('/ports', 'port', { network_id: networkId })))
  assert.deepEqual(made.map((port) => port.fixed_ips[0].ip_address).sort(), [
    '10.2.0.10',
    '10.2.0.11',
    '10.2.0.12',
    '10.2.0.20',
    '10.2.0.21',
  ])
  assert.equal((await api.ask('POST', '/ports', { port: { network_id: networkId } })).status, 409)
})

test('the first free address is found by an index look-up in a pool of 65,000', async () => {
  const { networkId, subnet } = await network({ cidr: '10.64.0.0/16' })
  const port = await api.make('/ports', 'port', { network_id: networkId, fixed_ips: [{ ip_address: '10.64.0.2' }] })
  const ctx = api.cloud.systemContext()
  await ctx.transaction(async (tx) => {
    const rows = Array.from({ length: 60_000 }, (_, index) => ({
      subnet_id: subnet.id as string,
      ip_address: formatIp(4, (parseIp('10.64.0.0')?.value ?? 0n) + BigInt(index + 3)),
      position: index + 3,
      port_id: port.id as string,
      network_id: networkId,
      ordinal: index + 1,
    }))
    const db = tx.db.as<{ ip_allocations: (typeof rows)[0] }>()
    for (let at = 0; at < rows.length; at += 2000)
      await db
        .insertInto('ip_allocations')
        .values(rows.slice(at, at + 2000))
        .execute()
    assert.equal(await allocationGap(tx.db, subnet.id, { from: 59_000, to: 65_534 }), 60_003)
    if (tx.db.dialect !== 'sqlite') return // PostgreSQL plans by its statistics, which these rows are too new for
    const plan = await tx.db
      .as<never>()
      .getExecutor()
      .executeQuery({
        sql: `explain query plan select a.position + 1 from ip_allocations a where a.subnet_id = 'x' and a.position >= 1 and a.position < 9 and not exists (select 1 from ip_allocations b where b.subnet_id = a.subnet_id and b.position = a.position + 1) order by a.position limit 1`,
        parameters: [],
        query: {} as never,
        queryId: {} as never,
      })
    const text = JSON.stringify(plan.rows)
    assert.match(text, /ip_allocations_by_subnet_id_position/)
    assert.doesNotMatch(text, /SCAN|TEMP B-TREE/)
  })
  const made = await Promise.all(Array.from({ length: 20 }, () => api.make('/ports', 'port', { network_id: networkId })))
  assert.equal(new Set(made.map((one) => one.fixed_ips[0].ip_address)).size, 20)
})

test('IPv6: SLAAC from the MAC, stateful from the pool, and both families at once', async () => {
  const { networkId, subnet } = await network({ cidr: '10.3.0.0/24' })
  const slaac = await api.make('/subnets', 'subnet', {
    network_id: networkId,
    ip_version: 6,
    cidr: 'fd00:1::/64',
    ipv6_ra_mode: 'slaac',
    ipv6_address_mode: 'slaac',
  })
  const port = await api.make('/ports', 'port', { network_id: networkId, mac_address: 'fa:16:3e:64:80:6b' })
  assert.deepEqual(
    port.fixed_ips.map((ip: any) => ip.subnet_id),
    [subnet.id, slaac.id],
  )
  assert.equal(port.fixed_ips[1].ip_address, 'fd00:1::f816:3eff:fe64:806b')
  const given = await api.ask('POST', '/ports', {
    port: { network_id: networkId, fixed_ips: [{ subnet_id: slaac.id, ip_address: 'fd00:1::9' }] },
  })
  assert.equal(given.body.NeutronError.type, 'AllocationOnAutoAddressSubnet')
  // a subnet that comes later addresses the ports that are there, and goes though they have its addresses
  const later = await api.make('/subnets', 'subnet', {
    network_id: networkId,
    ip_version: 6,
    cidr: 'fd00:2::/64',
    ipv6_ra_mode: 'slaac',
    ipv6_address_mode: 'slaac',
  })
  assert.equal((await api.ask('GET', `/ports/${port.id}`)).body.port.fixed_ips.length, 3)
  assert.equal((await api.ask('DELETE', `/subnets/${later.id}`)).status, 204)
  assert.equal((await api.ask('GET', `/ports/${port.id}`)).body.port.fixed_ips.length, 2)
  const { networkId: other } = await network({
    ip_version: 6,
    cidr: 'fd00:3::/64',
    ipv6_address_mode: 'dhcpv6-stateful',
    ipv6_ra_mode: 'dhcpv6-stateful',
  })
  const stateful = await api.make('/ports', 'port', { network_id: other })
  assert.match(stateful.fixed_ips[0].ip_address, /^fd00:3:/)
})

test('a changed list of addresses keeps, takes and gives back', async () => {
  const { networkId, subnet } = await network({ cidr: '10.4.0.0/24' })
  const port = await api.make('/ports', 'port', { network_id: networkId, fixed_ips: [{ ip_address: '10.4.0.9' }] })
  const change = async (fixed_ips: unknown) => api.ask('PUT', `/ports/${port.id}`, { port: { fixed_ips } })
  const two = await change([
    { subnet_id: subnet.id, ip_address: '10.4.0.9' },
    { subnet_id: subnet.id, ip_address: '10.4.0.10' },
  ])
  assert.deepEqual(
    two.body.port.fixed_ips.map((ip: any) => ip.ip_address),
    ['10.4.0.9', '10.4.0.10'],
  )
  const other = await api.make('/ports', 'port', { network_id: networkId, fixed_ips: [{ ip_address: '10.4.0.11' }] })
  assert.equal((await change([{ ip_address: '10.4.0.11' }])).body.NeutronError.type, 'IpAddressAlreadyAllocated')
  // refused as a whole: nothing was given back
  assert.equal((await api.ask('GET', `/ports/${port.id}`)).body.port.fixed_ips.length, 2)
  assert.deepEqual(
    (await change([{ ip_address: '10.4.0.10' }])).body.port.fixed_ips.map((ip: any) => ip.ip_address),
    ['10.4.0.10'],
  )
  assert.deepEqual((await change([])).body.port.fixed_ips, [])
  const found = await api.ask('GET', '/ports?fixed_ips=ip_address=10.4.0.11')
  assert.deepEqual(
    found.body.ports.map((one: any) => one.id),
    [other.id],
  )
  assert.equal((await api.ask('GET', `/ports?fixed_ips=subnet_id=${subnet.id}&fixed_ips=ip_address_substr=.0.1`)).body.ports.length, 1)
})

test('the last free address of a small pool in a wide prefix is found, every time', async () => {
  const pools = [{ start: 'fd00:8::10', end: 'fd00:8::12' }]
  const { networkId } = await network({ ip_version: 6, cidr: 'fd00:8::/64', enable_dhcp: false, allocation_pools: pools })
  const make = () => api.make('/ports', 'port', { network_id: networkId })
  let last = (await Promise.all([make(), make(), make()])).at(-1)
  for (let round = 0; round < 25; round++) {
    assert.equal(
      (await api.ask('POST', '/ports', { port: { network_id: networkId } })).body.NeutronError.type,
      'IpAddressGenerationFailure',
    )
    assert.equal((await api.ask('DELETE', `/ports/${last.id}`)).status, 204)
    const again = await make()
    assert.equal(again.fixed_ips[0].ip_address, last.fixed_ips[0].ip_address)
    last = again
  }
})

const families = {
  /** of sixteen addresses, which are counted */
  IPv4: {
    subnet: { ip_version: 4, cidr: '10.9.9.0/28' },
    at: (last: number) => `10.9.9.${last}`,
    isUsable: (last: number) => last > 0 && last < 15,
  },
  /** too wide for that, with pools as small */
  IPv6: {
    subnet: { ip_version: 6, cidr: 'fd00:9::/64' },
    at: (last: number) => (last === 0 ? 'fd00:9::' : `fd00:9::${last.toString(16)}`),
    isUsable: () => true,
  },
}

for (const [name, { subnet, at, isUsable }] of Object.entries(families))
  test(`whatever is taken and given back (${name}): every address is of the pools and free, and only a full pool is full`, async () => {
    const byte = fc.integer({ min: 1, max: 14 })
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('any' as const, 'orderly' as const) },
      { weight: 2, arbitrary: fc.record({ named: fc.integer({ min: 0, max: 15 }) }) },
      { weight: 3, arbitrary: fc.record({ released: fc.nat(20) }) },
    )
    const pools = fc
      .uniqueArray(byte, { minLength: 1, maxLength: 4 })
      .map((ends) => ends.sort((a, b) => a - b))
      .map((ends) => ends.flatMap((start, index) => (index % 2 === 0 ? [{ start, end: ends[index + 1] ?? start }] : [])))
    await fc.assert(
      fc.asyncProperty(pools, fc.array(step, { maxLength: 14 }), async (ranges, steps) => {
        const { networkId } = await network({
          ...subnet,
          gateway_ip: null,
          enable_dhcp: false,
          allocation_pools: ranges.map(({ start, end }) => ({ start: at(start), end: at(end) })),
        })
        const pooled = ranges.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, index) => at(start + index)))
        const held = new Map<string, string>()
        for (const one of steps) {
          if (typeof one === 'object' && 'released' in one) {
            const [address] = [...held.keys()].slice(one.released % Math.max(held.size, 1))
            if (address !== undefined) assert.equal((await api.ask('DELETE', `/ports/${held.get(address)}`)).status, 204)
            held.delete(address ?? '')
            continue
          }
          const asked = typeof one === 'object' ? { fixed_ips: [{ ip_address: at(one.named) }] } : {}
          const owner = one === 'orderly' ? { device_owner: 'network:dhcp' } : {}
          const { status, body } = await api.ask('POST', '/ports', { port: { network_id: networkId, ...asked, ...owner } })
          const free = pooled.filter((address) => !held.has(address))
          if (typeof one === 'object') {
            assert.equal(status, !isUsable(one.named) ? 400 : held.has(at(one.named)) ? 409 : 201, JSON.stringify([one, body]))
          } else if (free.length === 0) assert.deepEqual([status, body.NeutronError?.type], [409, 'IpAddressGenerationFailure'])
          else assert.equal(status, 201, JSON.stringify(body))
          if (status !== 201) continue
          const [{ ip_address: address }] = body.port.fixed_ips
          assert.equal(held.has(address), false, `${address} twice`)
          if (typeof one === 'object') assert.equal(address, at(one.named))
          else assert.ok(free.includes(address), `${address} is not of the pools`)
          if (one === 'orderly') assert.equal(address, free[0])
          held.set(address, body.port.id)
        }
        for (const id of held.values()) await api.ask('DELETE', `/ports/${id}`)
        assert.equal((await api.ask('DELETE', `/networks/${networkId}`)).status, 204)
      }),
      { numRuns: 25 },
    )
  })
