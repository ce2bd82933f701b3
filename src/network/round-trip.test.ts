// What a client reads back is what it wrote: made, shown, the writable part sent back, unchanged. Every resource, made with
// values in an order that no sorting would give.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Attributes } from './api/attribute.ts'
import { startNetworkApi, type NetworkApi } from '../../test/support/network-api.ts'
import * as described from './routes/resources.ts'

const admin = 'admin@p1'
let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

type Item = Record<string, unknown>
interface Described {
  resource: { name: string; attributes: Attributes; create?: unknown; update?: unknown }
  path: string
  collection: string
}
const all = (Object.values(described) as unknown[]).filter(
  (one): one is Described => typeof one === 'object' && one !== null && 'resource' in one,
)

/** Only services may say it: not even an admin sends it back. */
const ofServices = new Set(['binding:profile'])
const moving = new Set(['updated_at', 'revision_number', 'status', 'heartbeat_timestamp'])
const settled = (item: Item): Item => Object.fromEntries(Object.entries(item).filter(([name]) => !moving.has(name)))

/** One of each, with what can be said of it. */
async function bodies(): Promise<Record<string, Item>> {
  const network = await api.make('/networks', 'network', { mtu: 1400 }, admin)
  const high = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.200.0.0/24' }, admin)
  const low = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.100.0.0/24' }, admin)
  const external = await api.make('/networks', 'network', { 'router:external': true }, admin)
  const door = await api.make(
    '/subnets',
    'subnet',
    { network_id: external.id, ip_version: 4, cidr: '172.20.0.0/24', enable_dhcp: false },
    admin,
  )
  const groups = []
  for (const name of ['b', 'a', 'c']) groups.push((await api.make('/security-groups', 'security_group', { name }, admin)).id)
  const scope = await api.make('/address-scopes', 'address_scope', { name: 's', ip_version: 4 }, admin)
  const addresses = await api.make('/address-groups', 'address_group', { name: 'g', addresses: ['10.9.0.5/32'] }, admin)
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: external.id } }, admin)
  await api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: high.id }, admin)
  const led = await api.make(
    '/ports',
    'port',
    { network_id: network.id, fixed_ips: [{ subnet_id: high.id, ip_address: '10.200.0.40' }] },
    admin,
  )
  const common = { name: 'näme', description: 'what it is' }
  return {
    network: {
      ...common,
      admin_state_up: false,
      mtu: 1300,
      shared: true,
      dns_domain: 'example.org.',
      port_security_enabled: false,
      availability_zone_hints: [],
    },
    subnet: {
      ...common,
      network_id: network.id,
      ip_version: 4,
      cidr: '10.50.0.0/16',
      gateway_ip: '10.50.255.1',
      enable_dhcp: true,
      dns_nameservers: ['9.9.9.9', '1.1.1.1'],
      allocation_pools: [
        { start: '10.50.9.1', end: '10.50.9.9' },
        { start: '10.50.2.1', end: '10.50.2.9' },
      ],
      host_routes: [
        { destination: '10.91.0.0/24', nexthop: '10.50.0.9' },
        { destination: '10.2.0.0/24', nexthop: '10.50.0.2' },
      ],
      service_types: ['network:routed', 'compute:nova'],
    },
    port: {
      ...common,
      network_id: network.id,
      admin_state_up: false,
      device_id: 'd',
      device_owner: 'compute:nova',
      dns_name: 'host',
      security_groups: groups,
      fixed_ips: [
        { subnet_id: high.id, ip_address: '10.200.0.9' },
        { subnet_id: low.id, ip_address: '10.100.0.50' },
        { subnet_id: high.id, ip_address: '10.200.0.7' },
      ],
      allowed_address_pairs: [
        { ip_address: '10.200.0.0/25', mac_address: 'fa:16:3e:00:00:02' },
        { ip_address: '10.1.1.1', mac_address: 'fa:16:3e:00:00:01' },
      ],
      extra_dhcp_opts: [
        { opt_name: 'tftp-server', opt_value: '1.2.3.4', ip_version: 4 },
        { opt_name: 'bootfile-name', opt_value: 'x', ip_version: 4 },
      ],
    },
    security_group: { ...common, stateful: false },
    security_group_rule: {
      description: 'd',
      security_group_id: groups[0],
      direction: 'egress',
      ethertype: 'IPv4',
      protocol: 'udp',
      port_range_min: 5,
      port_range_max: 6,
      remote_address_group_id: addresses.id,
    },
    router: {
      ...common,
      admin_state_up: false,
      external_gateway_info: {
        network_id: external.id,
        enable_snat: false,
        external_fixed_ips: [{ subnet_id: door.id, ip_address: '172.20.0.99' }],
      },
    },
    floatingip: {
      description: 'd',
      floating_network_id: external.id,
      floating_ip_address: '172.20.0.77',
      port_id: led.id,
      fixed_ip_address: '10.200.0.40',
      dns_name: 'n',
      dns_domain: 'example.org.',
    },
    subnetpool: {
      ...common,
      prefixes: ['10.64.0.0/16'],
      default_prefixlen: 26,
      min_prefixlen: 20,
      max_prefixlen: 28,
      default_quota: 5000,
      is_default: false,
      address_scope_id: scope.id,
    },
    address_scope: { name: 'scope', ip_version: 6, shared: false },
    address_group: { ...common, addresses: ['192.168.9.7/24', '10.0.0.0/8', '2001:db8::/32'] },
    rbac_policy: { object_type: 'network', object_id: network.id, action: 'access_as_shared', target_tenant: 'p9' },
  }
}

test('clients 10 what is made is shown as it was written, and its writable part sent back changes nothing, of every resource', async () => {
  const wanted = await bodies()
  assert.ok(all.length >= 12)
  for (const { resource, path, collection } of all) {
    const { attributes } = resource
    const body = wanted[resource.name]
    if (!resource.create) continue
    assert.ok(body, `a body for ${resource.name}`)
    const made = await api.make(path, resource.name, body, admin)
    const hidden = Object.entries(attributes).flatMap(([name, { hidden: is }]) => (is ? [name] : []))
    const given = Object.fromEntries(Object.entries(body).filter(([name]) => !hidden.includes(name)))
    const numbers = (item: Item) =>
      Object.fromEntries(Object.keys(given).map((name) => [name, /prefixlen/.test(name) ? Number(item[name]) : item[name]]))
    assert.deepEqual(numbers(made), given, `${resource.name} reads as it was written`)
    const show = async () => (await api.ask('GET', `${path}/${made.id}`, undefined, admin)).body[resource.name] as Item
    const shown = await show()
    if (resource.update) {
      const writable = Object.fromEntries(
        Object.entries(attributes).flatMap(([name, { put }]) =>
          put && name in shown && !ofServices.has(name) ? [[name, shown[name]]] : [],
        ),
      )
      const answer = await api.ask('PUT', `${path}/${made.id}`, { [resource.name]: writable }, admin)
      assert.equal(answer.status, 200, `${resource.name}: ${JSON.stringify(answer.body)}`)
      assert.deepEqual(settled(answer.body[resource.name]), settled(shown), `PUT ${resource.name}`)
      assert.deepEqual(settled(await show()), settled(shown), `${resource.name} after its PUT`)
    }
    const { body: listed } = await api.ask('GET', `${path}?id=${made.id}`, undefined, admin)
    assert.deepEqual(settled(listed[collection][0]), settled(shown), `${resource.name} in its list`)
  }
})

test('clients 10 a port’s addresses stand in the order of the last word, whether kept, new or any of a subnet', async () => {
  const network = await api.make('/networks', 'network', {})
  const [a, b] = [
    await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.1.0.0/24' }),
    await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.2.0.0/24' }),
  ]
  const port = await api.make('/ports', 'port', {
    network_id: network.id,
    fixed_ips: [{ subnet_id: b.id }, { subnet_id: a.id, ip_address: '10.1.0.9' }, { subnet_id: b.id, ip_address: '10.2.0.5' }],
  })
  assert.deepEqual(
    port.fixed_ips.map(({ subnet_id }: Item) => subnet_id),
    [b.id, a.id, b.id],
  )
  const put = async (fixedIps: Item[]) =>
    (await api.ask('PUT', `/ports/${port.id}`, { port: { fixed_ips: fixedIps } })).body.port.fixed_ips as {
      subnet_id: string
      ip_address: string
    }[]
  const addresses = (of: { ip_address: string }[]) => of.map(({ ip_address }) => ip_address)
  assert.deepEqual(addresses(await put([{ ip_address: '10.2.0.5' }, { ip_address: '10.1.0.200' }, { ip_address: '10.1.0.9' }])), [
    '10.2.0.5',
    '10.1.0.200',
    '10.1.0.9',
  ])
  const after = await put([{ subnet_id: a.id, ip_address: '10.1.0.9' }, { subnet_id: b.id }, { subnet_id: a.id }])
  assert.deepEqual(addresses(after), ['10.1.0.9', '10.2.0.5', '10.1.0.200'])
})

test('clients 7 times that are shown find their resource when they are sent back', async () => {
  await api.make('/networks', 'network', {}, admin)
  for (const { path, collection } of all) {
    const [item] = (await api.ask('GET', path, undefined, admin)).body[collection] as Item[]
    for (const name of ['created_at', 'updated_at', 'started_at', 'heartbeat_timestamp']) {
      if (item?.[name] === undefined) continue
      const found = await api.ask(
        'GET',
        `${path}?id=${String(item['id'])}&${name}=${encodeURIComponent(String(item[name]))}`,
        undefined,
        admin,
      )
      // a host may have been heard of meanwhile
      if (name !== 'heartbeat_timestamp')
        assert.equal(found.body[collection]?.length, 1, `${path} ${name}=${String(item[name])}: ${JSON.stringify(found.body)}`)
      else assert.equal(found.status, 200)
    }
  }
  const network = await api.make('/networks', 'network', {})
  const since = async (time: string) =>
    (await api.ask('GET', `/networks?id=${network.id}&changed_since=${encodeURIComponent(time)}`)).body.networks.length
  assert.equal(await since(network.updated_at), 1)
  assert.equal(await since('2999-01-01T00:00:00Z'), 0)
  assert.equal((await api.ask('GET', '/networks?changed_since=yesterday')).status, 400)
})

test('clients 6 filters: booleans in every spelling of Neutron’s, words in any case, what cannot be read is a 400', async () => {
  const network = await api.make('/networks', 'network', { name: 'MixedCase', shared: true, admin_state_up: false }, admin)
  await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.77.0.0/24', enable_dhcp: false }, admin)
  const count = async (query: string) =>
    (await api.ask('GET', `/networks?id=${network.id}&${query}`, undefined, admin)).body.networks.length
  for (const [spellings, isOne] of [
    [['true', 'True', 'TRUE', '1', 't', 'yes', 'Y', 'on'], 1],
    [['false', 'False', '0', 'f', 'no', 'N', 'off'], 0],
  ] as const) {
    for (const word of spellings) {
      assert.equal(await count(`shared=${word}`), isOne, word)
      assert.equal(await count(`admin_state_up=${word}`), 1 - isOne, word)
      assert.equal(await count(`router:external=${word}`), 1 - isOne, word)
    }
  }
  for (const word of ['perhaps', '2', 'none', '-1']) {
    for (const name of ['shared', 'admin_state_up', 'router:external', 'is_default', 'port_security_enabled'])
      assert.equal((await api.ask('GET', `/networks?${name}=${word}`)).status, 400, `${name}=${word}`)
    assert.equal((await api.ask('GET', `/subnets?enable_dhcp=${word}`)).status, 400)
  }
  assert.equal((await api.ask('GET', '/subnets?ip_version=four')).status, 400)
  assert.equal(await count('name=mixedcase'), 1)
  assert.equal((await api.ask('POST', '/networks', { network: { admin_state_up: 'yes' } })).body.network.admin_state_up, true)
  const agents = async (query: string) => (await api.ask('GET', `/agents?${query}`, undefined, admin)).body.agents.length
  assert.equal(await agents('agent_type=dhcp%20AGENT'), 1)
  assert.equal(await agents('binary=neutron-l3-agent'), 1)
  assert.equal(await agents('binary=nothing'), 0)
  assert.equal(await agents('topic=L3_agent&host=HOST1'), 1)
  assert.equal(await agents('alive=yes'), 4)
  assert.equal(await agents('alive=off'), 0)
})

test('clients 8 the empty page behind the last has a way back, a full one both ways, and the last page no way on', async () => {
  for (const name of ['p1', 'p2', 'p3']) await api.make('/routers', 'router', { name }, 'member@pages')
  const page = async (query: string) => (await api.ask('GET', `/routers?sort_key=name&${query}`, undefined, 'member@pages')).body
  const first = await page('limit=2')
  const rels = (of: { routers_links?: { rel: string }[] }) => (of.routers_links ?? []).map(({ rel }) => rel)
  assert.deepEqual(rels(first), ['next', 'previous'])
  const last = await page(`limit=2&marker=${first.routers[1].id}`)
  assert.deepEqual([last.routers.length, rels(last)], [1, ['previous']])
  const empty = await page(`limit=2&marker=${last.routers[0].id}`)
  assert.deepEqual([empty.routers.length, rels(empty)], [0, ['previous']])
  assert.match(empty.routers_links[0].href, /page_reverse=True/)
  assert.doesNotMatch(empty.routers_links[0].href, /marker=/)
  const back = await page('limit=2&page_reverse=True')
  assert.deepEqual(
    back.routers.map(({ name }: Item) => name),
    ['p2', 'p3'],
  )
})

test('clients 8 floating IP pools by both spellings, bulk in the wrapped form, numbers beyond a double, an association ended by an empty change', async () => {
  for (const path of ['/floatingip_pools', '/floatingip-pools']) assert.equal((await api.ask('GET', path)).status, 200)
  const bulk = await api.ask('POST', '/security-groups', { security_groups: [{ security_group: { name: 'one' } }, { name: 'two' }] })
  assert.deepEqual(
    bulk.body.security_groups.map(({ name }: Item) => name),
    ['one', 'two'],
  )
  const network = await api.make('/networks', 'network', {}, admin)
  await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 6, cidr: 'fd00:77::/64' }, admin)
  const { text } = await api.cloud.request('GET', `/network/v2.0/network-ip-availabilities/${network.id}`, { as: admin })
  // first usable to last, without the gateway, which is the prefix itself
  assert.match(text, /"total_ips": ?18446744073709551615[,}]/)
  const wanted = await bodiesOfFloating()
  assert.equal(
    (await api.ask('PUT', `/floatingips/${wanted}`, { floatingip: { description: 'still' } }, admin)).body.floatingip.fixed_ip_address,
    '10.210.0.40',
  )
  const ended = (await api.ask('PUT', `/floatingips/${wanted}`, { floatingip: {} }, admin)).body.floatingip
  assert.deepEqual([ended.port_id, ended.fixed_ip_address, ended.router_id, ended.description], [null, null, null, 'still'])
})

async function bodiesOfFloating(): Promise<string> {
  const external = await api.make('/networks', 'network', { 'router:external': true }, admin)
  await api.make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.21.0.0/24' }, admin)
  const network = await api.make('/networks', 'network', {}, admin)
  const subnet = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.210.0.0/24' }, admin)
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: external.id } }, admin)
  await api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, admin)
  const port = await api.make('/ports', 'port', { network_id: network.id, fixed_ips: [{ ip_address: '10.210.0.40' }] }, admin)
  return (await api.make('/floatingips', 'floatingip', { floating_network_id: external.id, port_id: port.id }, admin)).id
}
