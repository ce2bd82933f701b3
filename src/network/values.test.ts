// Values as Neutron takes, changes and refuses them: protocols, routes, pools, gateways, MTUs, what depends on each other.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetworkApi, type NetworkApi } from '../../test/support/network-api.ts'
import { protocolNumbers } from './security-groups/rule.ts'

const admin = 'admin@p1'
let api: NetworkApi
before(async () => {
  api = await startNetworkApi()
  await api.ask('PUT', '/quotas/p1', { quota: { network: -1, subnet: -1, security_group: -1, security_group_rule: -1 } }, admin)
})
after(() => api.stop())

const network = (values: Record<string, unknown> = {}, as = 'member@p1') => api.make('/networks', 'network', values, as)

test('G11 protocols: each name and number with each ethertype, and the form in which it is kept', async () => {
  const group = await api.make('/security-groups', 'security_group', { name: 'g' })
  const ask = async (protocol: unknown, ethertype: string) => {
    const answer = await api.ask('POST', '/security-group-rules', {
      security_group_rule: { security_group_id: group.id, direction: 'ingress', protocol, ethertype },
    })
    if (answer.status === 201) await api.ask('DELETE', `/security-group-rules/${answer.body.security_group_rule.id}`)
    return answer.status === 201 ? answer.body.security_group_rule.protocol : [answer.status, answer.body.NeutronError.type]
  }
  const refused = [400, 'SecurityGroupRuleInvalidProtocol']
  const conflicting = [400, 'SecurityGroupEthertypeConflictWithProtocol']
  const onlyIpv6 = new Set(['ipv6-encap', 'ipv6-frag', 'ipv6-icmp', 'icmpv6', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route'])
  for (const ethertype of ['IPv4', 'IPv6']) {
    for (const any of [null, 'any']) assert.equal(await ask(any, ethertype), null)
    for (const [spelled, kept] of [
      ['ANY', 'any'],
      ['Any', 'any'],
      ['06', '06'],
      ['0000017', '0000017'],
    ])
      assert.equal(await ask(spelled, ethertype), kept)
    for (const bad of ['', 'nosuch', -1, 256, '256', '-1', {}, [], '6.5'])
      assert.deepEqual(await ask(bad, ethertype), refused, JSON.stringify(bad))
    for (const [name, number] of Object.entries(protocolNumbers)) {
      const isRefused = ethertype === 'IPv4' && onlyIpv6.has(name)
      const kept = ethertype === 'IPv6' && (name === 'icmp' || name === 'icmpv6') ? 'ipv6-icmp' : name
      for (const spelled of [name, name.toUpperCase()])
        assert.deepEqual(await ask(spelled, ethertype), isRefused ? conflicting : kept, `${spelled} ${ethertype}`)
      const keptNumber = ethertype === 'IPv6' && number === 1 ? '58' : String(number)
      for (const spelled of [number, String(number)])
        assert.deepEqual(await ask(spelled, ethertype), isRefused ? conflicting : keptNumber, `${spelled} ${ethertype}`)
    }
  }
  const ranged = async (min: unknown, max: unknown, protocol: unknown = 'tcp') => {
    const answer = await api.ask('POST', '/security-group-rules', {
      security_group_rule: { security_group_id: group.id, direction: 'ingress', protocol, port_range_min: min, port_range_max: max },
    })
    if (answer.status === 201) await api.ask('DELETE', `/security-group-rules/${answer.body.security_group_rule.id}`)
    const { port_range_min, port_range_max } = answer.body.security_group_rule ?? {}
    return answer.status === 201 ? [port_range_min, port_range_max] : answer.status
  }
  assert.deepEqual(await ranged(1, 65535), [null, null], 'every port is no range')
  assert.deepEqual(await ranged('22', 22), [22, 22])
  for (const [min, max] of [
    [0, 5],
    [5, 4],
    ['', 5],
    [1, 65536],
    [-1, 3],
    [5, null],
  ])
    assert.equal(await ranged(min, max), 400, `${min}-${max}`)
  assert.deepEqual(await ranged(0, 0, 'icmp'), [0, 0])
})

test('G12 where a route leads is a network, routable, for every attribute that has routes', async () => {
  const net = await network()
  const subnet = await api.make('/subnets', 'subnet', { network_id: net.id, ip_version: 4, cidr: '10.1.0.0/24' })
  const router = await api.make('/routers', 'router', {})
  await api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id })
  const ways: Record<string, (routes: unknown[]) => Promise<{ status: number }>> = {
    'subnet made': (host_routes) =>
      api.ask('POST', '/subnets', { subnet: { network_id: net.id, ip_version: 4, cidr: '10.3.0.0/24', host_routes } }),
    'subnet changed': (host_routes) => api.ask('PUT', `/subnets/${subnet.id}`, { subnet: { host_routes } }),
    'router changed': (routes) => api.ask('PUT', `/routers/${router.id}`, { router: { routes } }),
    'routes added': (routes) => api.ask('PUT', `/routers/${router.id}/add_extraroutes`, { router: { routes } }),
    'routes removed': (routes) => api.ask('PUT', `/routers/${router.id}/remove_extraroutes`, { router: { routes } }),
  }
  for (const [way, ask] of Object.entries(ways)) {
    for (const destination of [
      '10.91.0.5/24',
      '127.0.0.0/8',
      '127.1.0.0/16',
      '10.91.0.0',
      '10.91.0.0/33',
      '::1/128',
      'fd00::5/64',
      '',
      null,
    ]) {
      assert.equal((await ask([{ destination, nexthop: '10.1.0.9' }])).status, 400, `${way} ${destination}`)
    }
    assert.ok((await ask([{ destination: '10.91.0.0/24', nexthop: '10.1.0.9' }])).status < 300, way)
  }
})

test('G13 no change of a port takes the address away that a floating IP leads to; to add beside it is fine', async () => {
  const external = await network({ 'router:external': true }, admin)
  await api.make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.22.0.0/24' }, admin)
  const net = await network()
  const subnet = await api.make('/subnets', 'subnet', { network_id: net.id, ip_version: 4, cidr: '10.4.0.0/24' })
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: external.id } })
  await api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id })
  const port = await api.make('/ports', 'port', { network_id: net.id, fixed_ips: [{ ip_address: '10.4.0.40' }] })
  const floating = await api.make('/floatingips', 'floatingip', { floating_network_id: external.id, port_id: port.id })
  const put = (fixedIps: unknown) => api.ask('PUT', `/ports/${port.id}`, { port: { fixed_ips: fixedIps } })
  for (const fixedIps of [[{ ip_address: '10.4.0.41' }], [{ subnet_id: subnet.id, ip_address: '10.4.0.42' }], []]) {
    const { status, body } = await put(fixedIps)
    assert.equal(status, 400, JSON.stringify(body))
    assert.equal((await api.ask('GET', `/floatingips/${floating.id}`)).body.floatingip.port_id, port.id)
  }
  assert.equal((await put([{ ip_address: '10.4.0.43' }, { ip_address: '10.4.0.40' }])).status, 200)
  assert.equal((await put([{ ip_address: '10.4.0.40' }])).status, 200)
})

test('G14 what is not given is not given in every spelling: default pools, no name servers, no routes', async () => {
  const net = await network()
  let next = 1
  for (const name of ['allocation_pools', 'dns_nameservers', 'host_routes', 'service_types']) {
    for (const value of [[], null, undefined]) {
      const at = next++
      const made = await api.make('/subnets', 'subnet', { network_id: net.id, ip_version: 4, cidr: `10.5.${at}.0/24`, [name]: value })
      assert.deepEqual(made.allocation_pools, [{ start: `10.5.${at}.2`, end: `10.5.${at}.254` }])
      assert.deepEqual([made.dns_nameservers, made.host_routes, made.service_types], [[], [], []])
    }
  }
  // addresses have no such word: it would make a port without any
  assert.equal((await api.ask('POST', '/ports', { port: { network_id: net.id, fixed_ips: null } })).status, 400)
  const only = await network()
  const subnet = await api.make('/subnets', 'subnet', { network_id: only.id, ip_version: 4, cidr: '10.6.0.0/24', allocation_pools: [] })
  assert.equal((await api.make('/ports', 'port', { network_id: only.id })).fixed_ips.length, 1)
  assert.deepEqual(
    (await api.ask('PUT', `/subnets/${subnet.id}`, { subnet: { allocation_pools: [] } })).body.subnet.allocation_pools,
    [],
    'a change empties them',
  )
})

test('G15 what lies in the prefix cannot be said when the pool chooses it; a gateway says where it lies', async () => {
  const pool = await api.make('/subnetpools', 'subnetpool', { name: 'p', prefixes: ['10.64.0.0/16'], default_prefixlen: 26 })
  const net = await network()
  const subnet = (values: Record<string, unknown>) =>
    api.ask('POST', '/subnets', { subnet: { network_id: net.id, ip_version: 4, subnetpool_id: pool.id, ...values } })
  for (const pools of [[{ start: '10.64.0.10', end: '10.64.0.20' }], []])
    assert.equal((await subnet({ allocation_pools: pools })).status, 400)
  assert.equal((await subnet({ cidr: '10.64.1.0/26', prefixlen: 26 })).status, 400)
  assert.equal((await subnet({ use_default_subnetpool: true })).status, 400)
  assert.equal((await subnet({ gateway_ip: '10.99.0.1' })).status, 409, 'no such prefix is in the pool')
  const placed = (await subnet({ gateway_ip: '10.64.7.65' })).body.subnet
  assert.deepEqual(
    [placed.cidr, placed.gateway_ip, placed.allocation_pools],
    ['10.64.7.64/26', '10.64.7.65', [{ start: '10.64.7.66', end: '10.64.7.126' }]],
  )
  const given = (await subnet({ cidr: '10.64.9.0/26', allocation_pools: [{ start: '10.64.9.9', end: '10.64.9.10' }] })).body.subnet
  assert.deepEqual(given.allocation_pools, [{ start: '10.64.9.9', end: '10.64.9.10' }])
})

test('clients 10 the gateway of a prefix that a pool chose, down to one address, and of IPv6', async () => {
  const shown = async (pool: Record<string, unknown>, values: Record<string, unknown>) => {
    const { id } = await api.make('/subnetpools', 'subnetpool', { name: 'p', ...pool })
    const made = await api.make('/subnets', 'subnet', {
      network_id: (await network()).id,
      subnetpool_id: id,
      enable_dhcp: false,
      ...values,
    })
    return [made.cidr, made.gateway_ip, made.allocation_pools]
  }
  const four = { prefixes: ['10.80.0.0/24'] }
  assert.deepEqual(await shown(four, { ip_version: 4, prefixlen: 32 }), [
    '10.80.0.0/32',
    '10.80.0.1',
    [{ start: '10.80.0.0', end: '10.80.0.0' }],
  ])
  assert.deepEqual(await shown(four, { ip_version: 4, prefixlen: 31 }), [
    '10.80.0.0/31',
    '10.80.0.1',
    [{ start: '10.80.0.0', end: '10.80.0.0' }],
  ])
  assert.deepEqual(await shown(four, { ip_version: 4, prefixlen: 32, gateway_ip: null }), [
    '10.80.0.0/32',
    null,
    [{ start: '10.80.0.0', end: '10.80.0.0' }],
  ])
  const six = { prefixes: ['fd00:80::/48'] }
  assert.deepEqual(await shown(six, { ip_version: 6, prefixlen: 64 }), [
    'fd00:80::/64',
    'fd00:80::1',
    [{ start: 'fd00:80::2', end: 'fd00:80::ffff:ffff:ffff:ffff' }],
  ])
  assert.equal((await shown(six, { ip_version: 6, cidr: 'fd00:80:0:7::/64' }))[1], 'fd00:80:0:7::')
})

test('clients 14 an MTU is too small for a family only where there is a subnet of it', async () => {
  for (const mtu of [1, 67, 68, 1279]) assert.equal((await network({ mtu })).mtu, mtu)
  assert.equal((await api.ask('POST', '/networks', { network: { mtu: -1 } })).status, 400)
  assert.equal((await api.ask('POST', '/networks', { network: { mtu: 99999 } })).status, 400)
  const add = (id: string, version: number) =>
    api.ask('POST', '/subnets', { subnet: { network_id: id, ip_version: version, cidr: version === 6 ? 'fd00:14::/64' : '10.14.0.0/24' } })
  const small = await network({ mtu: 67 })
  assert.deepEqual([(await add(small.id, 4)).status, (await add(small.id, 6)).body.NeutronError.type], [409, 'NetworkMTUSubnetConflict'])
  const four = await network({ mtu: 1279 })
  assert.deepEqual([(await add(four.id, 4)).status, (await add(four.id, 6)).status], [201, 409])
  const put = async (id: string, mtu: number) => (await api.ask('PUT', `/networks/${id}`, { network: { mtu } })).status
  assert.deepEqual([await put(four.id, 68), await put(four.id, 67), await put(four.id, 1280)], [200, 409, 200])
  const six = await network()
  assert.equal((await add(six.id, 6)).status, 201)
  assert.deepEqual([await put(six.id, 1280), await put(six.id, 1279)], [200, 409])
})

test('clients 14 groups of both kinds are on no port, by whatever way', async () => {
  const net = await network()
  const [stateful, stateless] = [
    await api.make('/security-groups', 'security_group', { name: 's' }),
    await api.make('/security-groups', 'security_group', { name: 'n', stateful: false }),
  ]
  const both = [stateful.id, stateless.id]
  assert.equal((await api.ask('POST', '/ports', { port: { network_id: net.id, security_groups: both } })).status, 409)
  const port = await api.make('/ports', 'port', { network_id: net.id, security_groups: [stateless.id] })
  assert.equal(
    (await api.ask('PUT', `/ports/${port.id}`, { port: { security_groups: both } })).body.NeutronError.type,
    'SecurityGroupConflict',
  )
  assert.equal((await api.ask('PUT', `/ports/${port.id}`, { port: { security_groups: [stateful.id] } })).status, 200)
})

test('clients 14 a group’s first rules count; a quota is set below its use only by force', async () => {
  const as = 'member@quota'
  await api.ask('GET', '/security-groups', undefined, as)
  const put = (quota: Record<string, unknown>) => api.ask('PUT', '/quotas/quota', { quota }, admin)
  const used = (await api.ask('GET', '/quotas/quota/details.json', undefined, admin)).body.quota.security_group_rule.used
  assert.equal((await put({ security_group_rule: used + 1 })).status, 200)
  assert.equal((await api.ask('POST', '/security-groups', { security_group: { name: 'g' } }, as)).body.NeutronError.type, 'OverQuota')
  assert.equal((await put({ security_group_rule: used + 2 })).status, 200)
  assert.equal((await api.ask('POST', '/security-groups', { security_group: { name: 'g' } }, as)).status, 201)
  assert.equal((await put({ security_group_rule: 1 })).status, 400)
  assert.equal((await put({ security_group_rule: 1, check_limit: false })).status, 400)
  assert.equal((await put({ security_group_rule: 1, force: true })).status, 200)
  assert.equal((await put({ security_group_rule: -1 })).status, 200)
})

test('clients 14 members of an address group are prefixes; service types are anybody’s; a pool is shared no further than its scope', async () => {
  for (const address of ['10.0.0.1', '2001:db8::1', 'x/8', ''])
    assert.equal((await api.ask('POST', '/address-groups', { address_group: { name: 'g', addresses: [address] } })).status, 400, address)
  const group = await api.make('/address-groups', 'address_group', { name: 'g', addresses: [] })
  assert.equal((await api.ask('PUT', `/address-groups/${group.id}/add_addresses`, { addresses: ['10.0.0.1'] })).status, 400)
  assert.equal((await api.ask('PUT', `/address-groups/${group.id}/add_addresses`, { addresses: ['10.0.0.1/32'] })).status, 200)
  const net = await network()
  assert.deepEqual(
    (await api.make('/subnets', 'subnet', { network_id: net.id, ip_version: 4, cidr: '10.15.0.0/24', service_types: ['compute:nova'] }))
      .service_types,
    ['compute:nova'],
  )
  const scope = await api.make('/address-scopes', 'address_scope', { name: 's', ip_version: 4 }, admin)
  const pool = { name: 'p', prefixes: ['10.32.0.0/16'], address_scope_id: scope.id }
  assert.equal((await api.ask('POST', '/subnetpools', { subnetpool: { ...pool, shared: true } }, admin)).status, 400)
  const own = await api.make('/subnetpools', 'subnetpool', pool, admin)
  const share = (type: string, id: string, target: string) =>
    api.ask(
      'POST',
      '/rbac-policies',
      { rbac_policy: { object_type: type, object_id: id, action: 'access_as_shared', target_tenant: target } },
      admin,
    )
  assert.equal((await share('subnetpool', own.id, 'p2')).status, 400)
  assert.equal((await share('address_scope', scope.id, 'p2')).status, 201)
  assert.equal((await share('subnetpool', own.id, 'p2')).status, 201)
  assert.equal((await share('subnetpool', own.id, '*')).status, 400)
})

test('clients 14 a gateway is set on an external network without subnets, and gets its address with the first', async () => {
  const external = await network({ 'router:external': true }, admin)
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: external.id } })
  assert.deepEqual(router.external_gateway_info.external_fixed_ips, [])
  const subnet = await api.make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.25.0.0/24' }, admin)
  const { external_gateway_info: info } = (await api.ask('GET', `/routers/${router.id}`)).body.router
  assert.deepEqual(
    info.external_fixed_ips.map(({ subnet_id }: { subnet_id: string }) => subnet_id),
    [subnet.id],
  )
  const same = await api.ask(
    'PUT',
    `/routers/${router.id}`,
    { router: { external_gateway_info: { network_id: external.id, external_fixed_ips: [{ ip_address: '172.25.0.1' }] } } },
    admin,
  )
  assert.equal(same.status, 400, 'the gateway’s own address is nobody else’s')
})

test('clients 14 every kind of router that is announced is offered by a provider', async () => {
  const { extensions } = (await api.ask('GET', '/extensions')).body
  const providers = (await api.ask('GET', '/service-providers')).body.service_providers.map(({ name }: { name: string }) => name)
  const needs: Record<string, string> = { dvr: 'dvr', 'l3-ha': 'ha' }
  for (const { alias } of extensions) if (needs[alias]) assert.ok(providers.includes(needs[alias]), alias)
  assert.equal((await api.make('/routers', 'router', { ha: true, distributed: false }, admin)).ha, true)
})
