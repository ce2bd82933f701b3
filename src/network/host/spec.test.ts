// From security groups' rows to what a host filters by: whom a rule lets in is never more than it names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SecurityGroupRuleRow } from '../store/tables.ts'
import { hostSpec } from './spec.ts'
import type { HostRows } from './spec.store.ts'

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.1.0.0/16', 'fd00::1', 'fd00::2', 'fd01::/64')
const group = fc.constantFrom('web', 'db', 'none')
const rule = fc.record({
  security_group_id: group,
  ethertype: fc.constantFrom('IPv4' as const, 'IPv6' as const),
  remote: fc.oneof(
    fc.constant({}),
    group.map((remote_group_id) => ({ remote_group_id })),
    fc.constantFrom('addresses', 'gone').map((remote_address_group_id) => ({ remote_address_group_id })),
  ),
})
const drawn = fc.record({
  rules: fc.array(rule, { maxLength: 6 }),
  members: fc.array(fc.record({ security_group_id: group, ip_address: address.filter((one) => !one.includes('/')) }), { maxLength: 6 }),
  pairs: fc.array(fc.record({ security_group_id: group, ip_address: address }), { maxLength: 3 }),
  addresses: fc.array(address, { maxLength: 4 }),
  ports: fc.array(group, { minLength: 1, maxLength: 3 }),
})

test('a rule that names a group lets in its members of the rule’s family, and nobody where it has none', () => {
  fc.assert(
    fc.property(drawn, ({ rules, members, pairs, addresses, ports }) => {
      const rows = {
        ...(Object.fromEntries(
          [
            'ports',
            'dhcpPorts',
            'routers',
            'routerAddresses',
            'floatingIps',
            'networks',
            'subnets',
            'allocations',
            'leasePorts',
            'peers',
          ].map((name) => [name, []]),
        ) as unknown as HostRows),
        routedNetworks: new Set<string>(),
        portGroups: ports.map((security_group_id, index) => ({ port_id: `p${index}`, security_group_id })),
        rules: rules.map(
          ({ remote, ...one }) =>
            ({
              remote_group_id: null,
              remote_address_group_id: null,
              normalized_cidr: null,
              direction: 'ingress',
              protocol: 'ip',
              ...one,
              ...remote,
            }) as SecurityGroupRuleRow,
        ),
        members: members.map((one) => ({ ...one, port_id: 'p' })) as HostRows['members'],
        memberPairs: pairs.map(({ security_group_id, ip_address }) => ({ security_group_id, allowed_address_pairs: [{ ip_address }] })),
        addressGroups: [{ id: 'addresses', addresses }],
      }
      const { securityGroups } = hostSpec(rows, { generation: 1, tunnels: new Map() })
      assert.deepEqual(
        securityGroups.map(({ id }) => id),
        [...new Set(ports)].sort(),
      )
      for (const { id, rules: specs } of securityGroups) {
        const own = rows.rules.filter((one) => one.security_group_id === id)
        assert.equal(specs.length, own.length)
        for (const [index, { remoteCidrs, protocol }] of specs.entries()) {
          const { remote_group_id: of, remote_address_group_id: ofAddresses, ethertype } = own[index] as SecurityGroupRuleRow
          const named =
            of !== null
              ? [...members, ...pairs].filter((one) => one.security_group_id === of).map(({ ip_address }) => ip_address)
              : ofAddresses !== null
                ? ofAddresses === 'addresses'
                  ? addresses
                  : []
                : null
          const family = named?.filter((one) => one.includes(':') === (ethertype === 'IPv6'))
          const length = ethertype === 'IPv6' ? 128 : 32
          assert.deepEqual(new Set(remoteCidrs), new Set(family?.map((one) => (one.includes('/') ? one : `${one}/${length}`))))
          // null is everybody
          assert.equal(remoteCidrs === null, named === null)
          assert.equal(protocol, null)
        }
      }
    }),
  )
})
