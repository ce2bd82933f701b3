import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'
import { protocolNumbers, readProtocol, ruleCheck, type RuleWish } from './rule.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

const wish = (values: Partial<RuleWish>): RuleWish => ({
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_group_id: null,
  remote_address_group_id: null,
  ...values,
})

test('a protocol’s name and its number are the same rule, whatever the case', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(protocolNumbers)), fc.boolean(), (name, upper) => {
      const ethertype = name.startsWith('ipv6') || name === 'icmpv6' ? ('IPv6' as const) : ('IPv4' as const)
      const byName = ruleCheck(wish({ ethertype, protocol: readProtocol(upper ? name.toUpperCase() : name) }))
      const byNumber = ruleCheck(wish({ ethertype, protocol: readProtocol(protocolNumbers[name]) }))
      assert.equal(byName.canonical, byNumber.canonical)
    }),
  )
})

test('the canonical spelling is stable, and tells different rules apart', () => {
  const port = fc.integer({ min: 1, max: 65535 })
  const rule = fc
    .record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      protocol: fc.constantFrom('tcp', 'udp', '6', '17', 'sctp'),
      a: port,
      b: port,
      prefix: fc.option(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 })), { nil: null }),
    })
    .map(({ direction, protocol, a, b, prefix }) =>
      wish({
        direction,
        protocol,
        port_range_min: Math.min(a, b),
        port_range_max: Math.max(a, b),
        remote_ip_prefix: prefix && `${[24, 16, 8, 0].map((shift) => Math.floor(prefix[0] / 2 ** shift) % 256).join('.')}/${prefix[1]}`,
      }),
    )
  fc.assert(
    fc.property(rule, rule, (a, b) => {
      const [x, y] = [ruleCheck(a), ruleCheck(b)]
      assert.equal(ruleCheck(x).canonical, x.canonical)
      assert.equal(x.normalized_cidr === null, x.remote_ip_prefix === null)
      const sameMeaning =
        x.direction === y.direction &&
        protocolNumber(x) === protocolNumber(y) &&
        x.port_range_min === y.port_range_min &&
        x.port_range_max === y.port_range_max &&
        everyone(x) === everyone(y)
      assert.equal(x.canonical === y.canonical, sameMeaning)
    }),
  )
})
const protocolNumber = (rule: RuleWish) => protocolNumbers[rule.protocol ?? ''] ?? Number(rule.protocol)
const everyone = (rule: { normalized_cidr: string | null }) => (rule.normalized_cidr === '0.0.0.0/0' ? null : rule.normalized_cidr)

const group = async (name = 'g', as?: string) => api.make('/security-groups', 'security_group', { name }, as)
const add = (groupId: string, values: Record<string, unknown>, as?: string) =>
  api.ask('POST', '/security-group-rules', { security_group_rule: { security_group_id: groupId, direction: 'ingress', ...values } }, as)

test('a new group lets everything out; the default one also its own members in', async () => {
  const made = await group()
  assert.deepEqual(made.security_group_rules.map((rule: any) => [rule.direction, rule.ethertype]).sort(), [
    ['egress', 'IPv4'],
    ['egress', 'IPv6'],
  ])
  const { body } = await api.ask('GET', '/security-groups?name=default')
  assert.equal(body.security_groups.length, 1)
  const [standard] = body.security_groups
  assert.equal(standard.security_group_rules.length, 4)
  assert.equal(standard.security_group_rules.filter((rule: any) => rule.remote_group_id === standard.id).length, 2)
  assert.equal(
    (await api.ask('POST', '/security-groups', { security_group: { name: 'default' } })).body.NeutronError.type,
    'SecurityGroupDefaultAlreadyExists',
  )
  assert.equal((await api.ask('DELETE', `/security-groups/${standard.id}`)).body.NeutronError.type, 'SecurityGroupCannotRemoveDefault')
  // whoever looks first, and at once with others, there is one
  await Promise.all(Array.from({ length: 5 }, () => api.ask('GET', '/security-groups', undefined, 'member@fresh')))
  assert.equal((await api.ask('GET', '/security-groups', undefined, 'member@fresh')).body.security_groups.length, 1)
})

test('rules that cannot be are refused as Neutron refuses them', async () => {
  const { id } = await group('bad rules')
  const cases: [Record<string, unknown>, string][] = [
    [{ protocol: 'tcp', port_range_min: 24 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 24, port_range_max: 20 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 0, port_range_max: 20 }, 'SecurityGroupInvalidPortValue'],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 70000 }, 'SecurityGroupInvalidPortValue'],
    [{ port_range_min: 1, port_range_max: 2 }, 'SecurityGroupProtocolRequiredWithPorts'],
    [{ protocol: 'gre', port_range_min: 1, port_range_max: 2 }, 'SecurityGroupInvalidProtocolForPort'],
    [{ protocol: 'ANY', port_range_min: 1, port_range_max: 2 }, 'SecurityGroupInvalidProtocolForPort'],
    [{ protocol: 'foo' }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 300 }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 'icmp', port_range_min: 300 }, 'SecurityGroupInvalidIcmpValue'],
    [{ protocol: 'icmp', port_range_max: 3 }, 'SecurityGroupMissingIcmpType'],
    [{ protocol: 'icmpv6', ethertype: 'IPv4' }, 'SecurityGroupEthertypeConflictWithProtocol'],
    [{ ethertype: 'bad' }, 'SecurityGroupRuleInvalidEtherType'],
    [{ direction: 'bad' }, 'HTTPBadRequest'],
    [{ remote_ip_prefix: '10.0.0.0/8', remote_group_id: id }, 'SecurityGroupMultipleRemoteEntites'],
    [{ remote_ip_prefix: 'bad' }, 'InvalidCIDR'],
    [{ remote_ip_prefix: 'fd00::/64' }, 'SecurityGroupRuleParameterConflict'],
    [{ security_group_id: 'x'.repeat(40) }, 'HTTPBadRequest'],
  ]
  for (const [values, type] of cases) {
    const { status, body } = await add(id, values)
    assert.deepEqual([status, body.NeutronError.type], [400, type], JSON.stringify(values))
  }
  assert.equal((await add(id, { remote_group_id: '00000000-0000-0000-0000-000000000000' })).status, 404)
  assert.equal((await add('00000000-0000-0000-0000-000000000000', {})).status, 404)
})

test('the same rule twice is a conflict, however it is spelled', async () => {
  const { id } = await group('twins')
  const first = await add(id, { protocol: 'tcp', port_range_min: 22, port_range_max: 22 })
  assert.equal(first.status, 201)
  const twin = await add(id, { protocol: '6', port_range_min: 22, port_range_max: 22 })
  assert.deepEqual(
    [twin.status, twin.body.NeutronError.message],
    [409, `Security group rule already exists. Rule id is ${first.body.security_group_rule.id}.`],
  )
  assert.equal((await add(id, { protocol: '06', port_range_min: 22, port_range_max: 22 })).status, 409)
  assert.equal((await add(id, { protocol: 'ANY' })).status, 201)
  assert.equal((await add(id, {})).status, 409)
  assert.equal((await add(id, { ethertype: 'IPv6', protocol: 'icmp' })).body.security_group_rule.protocol, 'ipv6-icmp')
  assert.equal((await add(id, { ethertype: 'IPv6', protocol: 'icmpv6' })).status, 409)
  const prefix = (await add(id, { remote_ip_prefix: '10.1.2.3/8' })).body.security_group_rule
  assert.deepEqual([prefix.remote_ip_prefix, prefix.normalized_cidr], ['10.1.2.3/8', '10.0.0.0/8'])
  assert.equal((await add(id, { remote_ip_prefix: '10.0.0.0/8' })).status, 409)
})

test('nobody writes into another project’s group, nor names one as remote', async () => {
  const { id } = await group('mine')
  assert.equal((await add(id, { protocol: 'tcp' }, 'member@p2')).status, 404)
  const theirs = await group('theirs', 'member@p2')
  assert.equal((await add(id, { remote_group_id: theirs.id })).status, 404)
  const network = await api.make('/networks', 'network', {}, 'member@p2')
  assert.equal((await api.ask('POST', '/ports', { port: { network_id: network.id, security_groups: [id] } }, 'member@p2')).status, 404)
})

test('a group in use stays, and one that rules name goes with these rules', async () => {
  const used = await group('used')
  const network = await api.make('/networks', 'network', {})
  const port = await api.make('/ports', 'port', { network_id: network.id, security_groups: [used.id] })
  assert.equal((await api.ask('DELETE', `/security-groups/${used.id}`)).body.NeutronError.type, 'SecurityGroupInUse')
  await api.ask('PUT', `/ports/${port.id}`, { port: { security_groups: [] } })
  const other = await group('other')
  await add(other.id, { remote_group_id: used.id })
  assert.equal((await api.ask('DELETE', `/security-groups/${used.id}`)).status, 204)
  assert.equal((await api.ask('GET', `/security-groups/${other.id}`)).body.security_group.security_group_rules.length, 2)
})

test('a thousand rules at once leave turns to others', async () => {
  assert.equal((await api.ask('PUT', '/quotas/p1', { quota: { security_group_rule: -1 } }, 'admin@admin')).status, 200)
  const { id } = await group('many')
  const rules = Array.from({ length: 1000 }, (_, index) => ({
    security_group_id: id,
    direction: 'ingress',
    protocol: 'udp',
    port_range_min: index + 2,
    port_range_max: index + 2,
  }))
  let turns = 0
  let isAnswered = false
  const count = () => {
    turns++
    if (!isAnswered) setImmediate(count)
  }
  setImmediate(count)
  const made = await api.ask('POST', '/security-group-rules', { security_group_rules: rules })
  isAnswered = true
  assert.deepEqual([made.status, made.body.security_group_rules.length], [201, 1000])
  assert.ok(turns > 50, `${turns} turns`)
})
