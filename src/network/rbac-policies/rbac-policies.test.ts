import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'

let api: NetworkApi
before(async () => {
  api = await startNetworkApi()
  await api.ask('PUT', '/quotas/owner', { quota: { rbac_policy: -1 } }, 'admin@owner')
})
after(() => api.stop())

const owner = 'admin@owner'
const share = (type: string, id: string, target: string, { action = 'access_as_shared', as = owner } = {}) =>
  api.ask('POST', '/rbac-policies', { rbac_policy: { object_type: type, object_id: id, action, target_tenant: target } }, as)
const external = (id: string, target: string, as = owner) => share('network', id, target, { action: 'access_as_external', as })
const drop = (policy: { body: { rbac_policy: { id: string } } }, as = owner) =>
  api.ask('DELETE', `/rbac-policies/${policy.body.rbac_policy.id}`, undefined, as)
const retarget = (policy: { body: { rbac_policy: { id: string } } }, target: string, as = owner) =>
  api.ask('PUT', `/rbac-policies/${policy.body.rbac_policy.id}`, { rbac_policy: { target_tenant: target } }, as)
const seen = async (id: string, as: string) => (await api.ask('GET', `/networks/${id}`, undefined, as)).body.network
const subnetOn = (network_id: string, cidr: string, as = owner) => api.make('/subnets', 'subnet', { network_id, ip_version: 4, cidr }, as)

test('G16 a network is external for those to whom a policy gives it, from the first policy to the last', async () => {
  const network = await api.make('/networks', 'network', {}, owner)
  const subnet = await subnetOn(network.id, '172.31.0.0/24')
  assert.equal(await seen(network.id, 'member@p1'), undefined)
  const policy = await external(network.id, 'p1')
  assert.equal(policy.status, 201)
  assert.equal((await seen(network.id, owner))['router:external'], true)
  assert.equal((await seen(network.id, 'member@p1'))['router:external'], true)
  assert.equal(await seen(network.id, 'member@p2'), undefined, 'for nobody else')
  const listed = async (as: string) =>
    (await api.ask('GET', '/networks?router:external=true', undefined, as)).body.networks
      .map(({ id }: { id: string }) => id)
      .includes(network.id)
  assert.deepEqual([await listed('member@p1'), await listed('member@p2')], [true, false])
  assert.equal((await api.ask('GET', `/subnets/${subnet.id}`, undefined, 'member@p1')).status, 200)
  assert.equal((await api.ask('GET', `/subnets/${subnet.id}`, undefined, 'member@p2')).status, 404)
  // it may be used for gateways and floating IPs, and for nothing else
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: network.id } })
  const floating = await api.make('/floatingips', 'floatingip', { floating_network_id: network.id })
  assert.equal((await api.ask('POST', '/ports', { port: { network_id: network.id } })).status, 403)
  assert.equal(
    (await api.ask('POST', '/routers', { router: { external_gateway_info: { network_id: network.id } } }, 'member@p2')).status,
    404,
  )
  assert.equal((await api.ask('POST', '/floatingips', { floatingip: { floating_network_id: network.id } }, 'member@p2')).status, 404)
  assert.equal((await drop(policy)).body.NeutronError.type, 'RbacPolicyInUse')
  await api.ask('DELETE', `/floatingips/${floating.id}`)
  await api.ask('DELETE', `/routers/${router.id}`)
  assert.equal((await drop(policy)).status, 204)
  assert.equal((await seen(network.id, owner))['router:external'], false)
  assert.equal(await seen(network.id, 'member@p1'), undefined)
})

test('G16 one of several external policies goes, and the network stays external for the others', async () => {
  const network = await api.make('/networks', 'network', { 'router:external': true }, owner)
  const all = (await api.ask('GET', `/rbac-policies?object_id=${network.id}`, undefined, owner)).body.rbac_policies[0]
  const wildcard = { body: { rbac_policy: all } }
  const named = await external(network.id, 'p1')
  assert.equal((await drop(wildcard)).status, 204)
  assert.deepEqual(
    [(await seen(network.id, owner))['router:external'], (await seen(network.id, 'member@p1'))?.id, await seen(network.id, 'member@p2')],
    [true, network.id, undefined],
  )
  assert.equal((await retarget(named, 'p2')).status, 200)
  assert.deepEqual([await seen(network.id, 'member@p1'), (await seen(network.id, 'member@p2')).id], [undefined, network.id])
})

test('clients 13 the wildcard of the default external network stays, and of any as long as somebody lives on it', async () => {
  const network = await api.make('/networks', 'network', { 'router:external': true, is_default: true }, owner)
  await subnetOn(network.id, '172.29.0.0/24')
  const policy = {
    body: { rbac_policy: (await api.ask('GET', `/rbac-policies?object_id=${network.id}`, undefined, owner)).body.rbac_policies[0] },
  }
  assert.match((await drop(policy)).body.NeutronError.message, /Default external networks must be shared to everyone/)
  assert.equal((await retarget(policy, 'p1')).status, 409)
  assert.equal((await api.ask('PUT', `/networks/${network.id}`, { network: { is_default: false } }, owner)).status, 200)
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: network.id } })
  assert.match((await drop(policy)).body.NeutronError.message, /routers attached to this network/)
  assert.equal((await retarget(policy, 'p2')).status, 409)
  assert.equal((await retarget(policy, 'p1')).status, 200, 'who lives on it has it by the new target')
  await api.ask('DELETE', `/routers/${router.id}`)
  assert.equal((await drop(policy)).status, 204)
})

/** Things that stand on what is shared, one for each type. */
const kinds: Record<string, { make(): Promise<string>; use(id: string, as: string): Promise<() => Promise<unknown>> }> = {
  network: {
    async make() {
      const { id } = await api.make('/networks', 'network', {}, owner)
      await subnetOn(id, '10.1.0.0/24')
      return id
    },
    async use(id, as) {
      const port = await api.make('/ports', 'port', { network_id: id }, as)
      return () => api.ask('DELETE', `/ports/${port.id}`, undefined, as)
    },
  },
  security_group: {
    make: async () => (await api.make('/security-groups', 'security_group', { name: 'g' }, owner)).id,
    async use(id, as) {
      const network = await api.make('/networks', 'network', {}, as)
      const port = await api.make('/ports', 'port', { network_id: network.id, security_groups: [id] }, as)
      return () => api.ask('DELETE', `/ports/${port.id}`, undefined, as)
    },
  },
  address_group: {
    make: async () => (await api.make('/address-groups', 'address_group', { name: 'g', addresses: ['10.0.0.0/8'] }, owner)).id,
    async use(id, as) {
      const group = await api.make('/security-groups', 'security_group', { name: 'g' }, as)
      const rule = await api.make(
        '/security-group-rules',
        'security_group_rule',
        { security_group_id: group.id, direction: 'ingress', remote_address_group_id: id },
        as,
      )
      return () => api.ask('DELETE', `/security-group-rules/${rule.id}`, undefined, as)
    },
  },
  subnetpool: {
    make: async () =>
      (await api.make('/subnetpools', 'subnetpool', { name: 'p', prefixes: ['10.64.0.0/16'], default_prefixlen: 24 }, owner)).id,
    async use(id, as) {
      const network = await api.make('/networks', 'network', {}, as)
      const subnet = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, subnetpool_id: id }, as)
      return () => api.ask('DELETE', `/subnets/${subnet.id}`, undefined, as)
    },
  },
  address_scope: {
    make: async () => (await api.make('/address-scopes', 'address_scope', { name: 's', ip_version: 4 }, owner)).id,
    async use(id, as) {
      const pool = await api.make('/subnetpools', 'subnetpool', { name: 'p', prefixes: ['10.65.0.0/16'], address_scope_id: id }, as)
      return () => api.ask('DELETE', `/subnetpools/${pool.id}`, undefined, as)
    },
  },
}

for (const [type, { make, use }] of Object.entries(kinds)) {
  test(`clients 13 a policy on a ${type} that somebody uses cannot be taken away or given to another, unless he keeps it by another way`, async () => {
    const id = await make()
    const [mine, theirs] = [`p-${type}`.replaceAll('_', '-'), 'p-other']
    const policy = await share(type, id, mine)
    assert.equal(policy.status, 201, JSON.stringify(policy.body))
    const release = await use(id, `member@${mine}`)
    for (const answer of [await drop(policy), await retarget(policy, theirs)])
      assert.deepEqual([answer.status, answer.body.NeutronError.type], [409, 'RbacPolicyInUse'])
    assert.equal((await share(type, id, theirs)).status, 201)
    assert.equal((await drop(policy)).status, 409, 'another project’s policy is none of his')
    const wildcard = await share(type, id, '*')
    assert.equal((await drop(policy)).status, 204)
    assert.equal((await drop(wildcard)).status, 409, 'now he has it by the wildcard')
    const again = await share(type, id, mine)
    assert.equal((await drop(wildcard)).status, 204)
    await release()
    assert.equal((await drop(again)).status, 204)
  })

  test(`clients 13 a ${type} is shared by its owner and by admins: others' is a bad request where it is seen, and not found where not`, async () => {
    const id = await make()
    const stranger = { as: 'member@stranger' }
    assert.equal((await share(type, id, 'x', stranger)).status, 404)
    assert.equal((await share(type, id, 'stranger')).status, 201)
    assert.equal((await share(type, id, 'x', stranger)).status, 400)
    assert.equal((await share(type, id, 'x', { as: 'admin@p0' })).status, 201)
    assert.equal((await share(type, '11111111-2222-4333-8444-555555555555', 'x', stranger)).status, 404)
  })
}

test('clients 13 a policy that comes, changes or goes counts as a change of its network', async () => {
  const network = await api.make('/networks', 'network', {}, owner)
  const revisions = [network.revision_number]
  const note = async () => void revisions.push((await seen(network.id, owner)).revision_number)
  const policy = await share('network', network.id, 'p1')
  await note()
  await retarget(policy, 'p2')
  await note()
  await drop(policy)
  await note()
  assert.ok(
    revisions.every((revision, index) => index === 0 || revision > revisions[index - 1]),
    revisions.join(),
  )
})
