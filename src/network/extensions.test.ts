// What is announced is there, and what is there is announced: each extension by what it promises, exercised.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { extensions } from './extensions.ts'
import { startNetworkApi, type NetworkApi } from '../../test/support/network-api.ts'

const admin = 'admin@p1'
let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

type Item = Record<string, unknown>
type Probe = (the: Record<string, Item>) => Promise<void> | void

/** The resource shows these attributes. */
const shows =
  (name: string, ...attributes: string[]): Probe =>
  (the) => {
    for (const attribute of attributes) assert.ok(attribute in (the[name] ?? {}), `${name} shows ${attribute}`)
  }
const answers =
  (path: string | ((the: Record<string, Item>) => string), name: string): Probe =>
  async (the) => {
    const { status, body } = await api.ask('GET', typeof path === 'string' ? path : path(the), undefined, admin)
    assert.equal(status, 200, JSON.stringify(body))
    assert.ok(name in body, name)
  }
const does =
  (method: string, path: (the: Record<string, Item>) => string, body: unknown, status: number): Probe =>
  async (the) => {
    const answer = await api.ask(method, path(the), body, admin)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
  }
const shared =
  (type: string): Probe =>
  async (the) => {
    const { status, body } = await api.ask(
      'POST',
      '/rbac-policies',
      { rbac_policy: { object_type: type, object_id: the[type]?.['id'], action: 'access_as_shared', target_tenant: 'x' } },
      admin,
    )
    assert.equal(status, 201, JSON.stringify(body))
  }
const all =
  (...probes: Probe[]): Probe =>
  async (the) => {
    for (const probe of probes) await probe(the)
  }

const probes: Record<string, Probe> = {
  'address-group': all(
    answers('/address-groups', 'address_groups'),
    does('PUT', (the) => `/address-groups/${the['address_group']?.['id']}/add_addresses`, { addresses: ['10.9.0.0/24'] }, 200),
  ),
  'address-scope': all(answers('/address-scopes', 'address_scopes'), shows('network', 'ipv4_address_scope', 'ipv6_address_scope')),
  agent: answers('/agents', 'agents'),
  'agent-resources-synced': shows('agent', 'resources_synced'),
  'allowed-address-pairs': shows('port', 'allowed_address_pairs'),
  'auto-allocated-topology': answers('/auto-allocated-topology/p1?fields=dry-run', 'auto_allocated_topology'),
  availability_zone: answers('/availability_zones', 'availability_zones'),
  availability_zone_filter: answers('/availability_zones?resource=router', 'availability_zones'),
  binding: shows('port', 'binding:vnic_type', 'binding:vif_type', 'binding:host_id', 'binding:profile', 'binding:vif_details'),
  'default-subnetpools': shows('subnetpool', 'is_default'),
  dhcp_agent_scheduler: answers((the) => `/networks/${the['network']?.['id']}/dhcp-agents`, 'agents'),
  'dns-integration': all(
    shows('port', 'dns_name', 'dns_assignment'),
    shows('network', 'dns_domain'),
    shows('floatingip', 'dns_name', 'dns_domain'),
  ),
  dvr: shows('router', 'distributed'),
  'empty-string-filtering': answers('/ports?device_id=', 'ports'),
  'ext-gw-mode': async (the) => assert.ok('enable_snat' in ((the['router']?.['external_gateway_info'] ?? {}) as Item)),
  'external-net': shows('network', 'router:external'),
  extra_dhcp_opt: shows('port', 'extra_dhcp_opts'),
  extraroute: shows('router', 'routes'),
  'extraroute-atomic': does('PUT', (the) => `/routers/${the['router']?.['id']}/add_extraroutes`, { router: { routes: [] } }, 200),
  'filter-validation': does('GET', () => '/networks?nosuch=1', undefined, 400),
  'fip-port-details': shows('floatingip', 'port_details'),
  'floatingip-pools': answers('/floatingip_pools', 'floatingip_pools'),
  'ip-substring-filtering': answers('/ports?fixed_ips=ip_address_substr%3D10.', 'ports'),
  ip_allocation: shows('port', 'ip_allocation'),
  l2_adjacency: shows('network', 'l2_adjacency'),
  'l3-ha': shows('router', 'ha'),
  'l3-port-ip-change-not-allowed': async (the) => {
    const [gateway] = (
      await api.ask('GET', `/ports?device_id=${the['router']?.['id']}&device_owner=network:router_gateway`, undefined, admin)
    ).body.ports
    assert.equal((await api.ask('PUT', `/ports/${gateway.id}`, { port: { fixed_ips: [] } }, admin)).status, 400)
  },
  l3_agent_scheduler: answers((the) => `/routers/${the['router']?.['id']}/l3-agents`, 'agents'),
  'net-mtu': shows('network', 'mtu'),
  'net-mtu-writable': does('PUT', (the) => `/networks/${the['network']?.['id']}`, { network: { mtu: 1400 } }, 200),
  'network-ip-availability': answers('/network-ip-availabilities', 'network_ip_availabilities'),
  network_availability_zone: shows('network', 'availability_zones', 'availability_zone_hints'),
  pagination: async () => assert.ok('networks_links' in (await api.ask('GET', '/networks?limit=1', undefined, admin)).body),
  'port-mac-address-regenerate': does('PUT', (the) => `/ports/${the['port']?.['id']}`, { port: { mac_address: null } }, 200),
  'port-security': all(shows('port', 'port_security_enabled'), shows('network', 'port_security_enabled')),
  'port-security-groups-filtering': answers((the) => `/ports?security_groups=${the['security_group']?.['id']}`, 'ports'),
  'project-id': all(
    ...[
      'network',
      'subnet',
      'port',
      'router',
      'floatingip',
      'security_group',
      'subnetpool',
      'address_scope',
      'address_group',
      'rbac_policy',
    ].map((name) => shows(name, 'project_id', 'tenant_id')),
  ),
  provider: shows('network', 'provider:network_type', 'provider:physical_network', 'provider:segmentation_id'),
  'quota-check-limit': does('PUT', () => '/quotas/p7', { quota: { port: 5, check_limit: true } }, 200),
  quota_details: answers('/quotas/p1/details.json', 'quota'),
  quotas: answers('/quotas/p1', 'quota'),
  'rbac-address-group': shared('address_group'),
  'rbac-address-scope': shared('address_scope'),
  'rbac-policies': shared('network'),
  'rbac-security-groups': shared('security_group'),
  'rbac-subnetpool': shared('subnetpool'),
  'revision-if-match': async (the) => {
    const answer = await api.cloud.request('PUT', `/network/v2.0/networks/${the['network']?.['id']}`, {
      as: admin,
      body: { network: { name: 'x' } },
      headers: { 'if-match': 'revision_number=9999' },
    })
    assert.equal(answer.status, 412)
  },
  router: answers('/routers', 'routers'),
  'router-admin-state-down-before-update': does(
    'PUT',
    (the) => `/routers/${the['router']?.['id']}`,
    { router: { distributed: true } },
    400,
  ),
  router_availability_zone: shows('router', 'availability_zones', 'availability_zone_hints'),
  'security-group': all(answers('/security-groups', 'security_groups'), answers('/security-group-rules', 'security_group_rules')),
  'security-groups-normalized-cidr': shows('security_group_rule', 'normalized_cidr'),
  'security-groups-remote-address-group': shows('security_group_rule', 'remote_address_group_id'),
  'security-groups-shared-filtering': all(answers('/security-groups?shared=true', 'security_groups'), shows('security_group', 'shared')),
  'service-type': answers('/service-providers', 'service_providers'),
  sorting: answers('/networks?sort_key=name&sort_dir=desc', 'networks'),
  'standard-attr-description': all(
    ...['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule', 'subnetpool'].map((name) =>
      shows(name, 'description'),
    ),
  ),
  'standard-attr-revisions': all(
    ...['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule', 'subnetpool'].map((name) =>
      shows(name, 'revision_number'),
    ),
  ),
  'standard-attr-tag': all(
    ...['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'subnetpool'].map(
      (name): Probe =>
        (the) =>
          does('PUT', () => `/${name.replace('_', '-')}s/${the[name]?.['id']}/tags`, { tags: ['a'] }, 200)(the),
    ),
  ),
  'standard-attr-timestamp': all(
    ...['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule', 'subnetpool'].map((name) =>
      shows(name, 'created_at', 'updated_at'),
    ),
  ),
  'stateful-security-group': shows('security_group', 'stateful'),
  'subnet-external-network': all(shows('subnet', 'router:external'), answers('/subnets?router:external=true', 'subnets')),
  'subnet-service-types': shows('subnet', 'service_types'),
  subnet_allocation: all(answers('/subnetpools', 'subnetpools'), shows('subnet', 'subnetpool_id')),
  'subnetpool-prefix-ops': does(
    'PUT',
    (the) => `/subnetpools/${the['subnetpool']?.['id']}/add_prefixes`,
    { prefixes: ['10.99.0.0/16'] },
    200,
  ),
}

async function examples(): Promise<Record<string, Item>> {
  const make = (path: string, name: string, values: Item) => api.make(path, name, values, admin)
  const network = await make('/networks', 'network', {})
  const subnet = await make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.1.0.0/24' })
  const external = await make('/networks', 'network', { 'router:external': true, is_default: true })
  await make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.20.0.0/24' })
  const security_group = await make('/security-groups', 'security_group', { name: 'g' })
  const subnetpool = await make('/subnetpools', 'subnetpool', {
    name: 'p',
    prefixes: ['10.64.0.0/16'],
    default_prefixlen: 26,
    is_default: true,
  })
  return {
    network,
    subnet,
    security_group,
    subnetpool,
    port: await make('/ports', 'port', { network_id: network.id }),
    router: await make('/routers', 'router', { external_gateway_info: { network_id: external.id } }),
    floatingip: await make('/floatingips', 'floatingip', { floating_network_id: external.id }),
    security_group_rule: await make('/security-group-rules', 'security_group_rule', {
      security_group_id: security_group.id,
      direction: 'ingress',
    }),
    address_scope: await make('/address-scopes', 'address_scope', { name: 's', ip_version: 4 }),
    address_group: await make('/address-groups', 'address_group', { name: 'g', addresses: [] }),
    rbac_policy: await make('/rbac-policies', 'rbac_policy', {
      object_type: 'network',
      object_id: network.id,
      action: 'access_as_shared',
      target_tenant: 'p9',
    }),
    agent: (await api.ask('GET', '/agents', undefined, admin)).body.agents[0],
  }
}

test('clients 14 clients 16 every extension that is announced is exercised, and none is exercised that is not announced', async () => {
  const announced = (await api.ask('GET', '/extensions')).body.extensions.map(({ alias }: { alias: string }) => alias)
  assert.deepEqual(announced.toSorted(), Object.keys(probes).sort())
  assert.deepEqual(
    announced,
    extensions.map(({ alias }) => alias),
  )
  const the = await examples()
  for (const [alias, probe] of Object.entries(probes)) {
    await assert.doesNotReject(async () => probe(the), alias)
    assert.equal((await api.ask('GET', `/extensions/${alias}`)).body.extension.alias, alias)
  }
})

test('clients 16 what is of no round yet is neither announced nor there', async () => {
  const announced = new Set(extensions.map(({ alias }) => alias))
  for (const alias of [
    'trunk',
    'trunk-details',
    'qos',
    'qos-fip',
    'metering',
    'floating-ip-port-forwarding',
    'segment',
    'network-segment-range',
    'local_ip',
    'ndp_proxy',
    'bgp',
    'multi-provider',
    'flavors',
    'logging',
    'vpnaas',
    'fwaas_v2',
    'dns-domain-ports',
    'quota-check-limit-default',
  ]) {
    assert.ok(!announced.has(alias), alias)
    assert.equal((await api.ask('GET', `/extensions/${alias}`)).status, 404)
  }
  const network = await api.make('/networks', 'network', {})
  const port = await api.make('/ports', 'port', { network_id: network.id })
  for (const [path, name, made] of [
    ['/networks', 'network', network],
    ['/ports', 'port', port],
  ] as const) {
    assert.deepEqual(
      Object.keys(made).filter((attribute) => attribute.startsWith('qos_')),
      [],
    )
    const { status, body } = await api.ask('PUT', `${path}/${made.id}`, { [name]: { qos_policy_id: null } })
    assert.deepEqual([status, body.NeutronError.message], [400, "Unrecognized attribute(s) 'qos_policy_id'"])
  }
  for (const path of [
    '/trunks',
    '/qos/policies',
    '/qos/rule-types',
    '/metering/metering-labels',
    '/metering/metering-label-rules',
    '/floatingips/x/port_forwardings',
    '/segments',
    '/network_segment_ranges',
    '/local_ips',
    '/ndp_proxies',
    '/flavors',
    '/log/logs',
  ]) {
    assert.equal((await api.ask('GET', path, undefined, admin)).status, 404, path)
  }
})

test('clients 2 Neutron’s own order when something is made: the body, the quota, the policy, what is named', async () => {
  const as = 'member@ordered'
  await api.ask('PUT', '/quotas/ordered', { quota: { network: 0, force: true } }, admin)
  const ask = async (values: Item, of = as) => (await api.ask('POST', '/networks', { network: values }, of)).status
  assert.equal(await ask({ mtu: 'x', shared: true }), 400)
  assert.equal(await ask({ shared: true }), 409)
  await api.ask('PUT', '/quotas/ordered', { quota: { network: 1 } }, admin)
  assert.equal(await ask({ shared: true }), 403)
  const network = await api.make('/networks', 'network', {}, as)
  const absent = '11111111-2222-4333-8444-555555555555'
  const put = async (id: string, values: Item, of = as) => (await api.ask('PUT', `/networks/${id}`, { network: values }, of)).status
  assert.equal(await put(absent, { mtu: 'x' }), 400)
  assert.equal(await put(absent, { shared: true }), 404)
  assert.equal(await put(network.id, { shared: true }), 403)
  assert.equal(await put(network.id, { name: 'x' }, 'member@other'), 404)
})
