// The network's SQL, the same on SQLite and PostgreSQL: one story through most statements, and ports made at once.
import assert from 'node:assert/strict'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { forEachDialect } from '../../test/support/postgres.ts'
import { defined } from '../platform/defined.ts'
import type { WorkContext } from '../platform/work/definition.ts'
import { networkBootstrap, networksForServer, portDetailsOfServer, portsWire } from './index.ts'
import { serverPortCreate, serverPortDelete } from './servers/ports.ts'

const asker =
  (cloud: TestCloud) =>
  async (method: string, path: string, body?: unknown, as = 'member@p1') => {
    const answer = await cloud.request(method, `/network/v2.0${path}`, { as, ...defined({ body }) })
    assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

forEachDialect('one story through the statements of the network', async (store) => {
  const cloud = await startTestCloud({ store, hosts: await fakeHosts(2) })
  const ask = asker(cloud)
  try {
    const ctx = () => cloud.systemContext()
    await networkBootstrap(ctx(), { adminProjectId: 'p0', demoProjectId: 'p1', publicCidr: '172.24.4.0/24' })
    await networkBootstrap(ctx(), { adminProjectId: 'p0', demoProjectId: 'p1', publicCidr: '172.24.4.0/24' })
    const { body: external } = await ask(
      'GET',
      '/networks?router:external=true&is_default=true&provider:network_type=flat',
      undefined,
      'admin@p0',
    )
    assert.deepEqual(
      external.networks.map((network: any) => network.name),
      ['public'],
    )
    const demo = (await ask('GET', '/networks?name=demo&shared=false&tags-any=x')).body.networks
    assert.deepEqual(demo, [])
    const [network] = (await ask('GET', '/networks?name=demo&not-tags=x&sort_key=created_at&sort_dir=desc&sort_key=name&sort_dir=asc')).body
      .networks
    const v6 = { network_id: network.id, ip_version: 6, cidr: 'fd00:9::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }
    assert.equal((await ask('POST', '/subnets', { subnet: v6 })).status, 201)
    const [requested] = await networksForServer(ctx(), { projectId: 'p1', requested: [{ networkId: network.id }], count: 1 })
    const server = '00000000-0000-4000-8000-000000000001'
    const port = await serverPortCreate(ctx(), {
      networkId: requested?.networkId ?? '',
      projectId: 'p1',
      deviceId: server,
      deviceOwner: 'compute:nova',
      host: 'host1',
    })
    const work: WorkContext = { ctx: ctx(), itemId: 'test', call: { fence: 1, requestId: 'r' }, attempt: 1 }
    await portsWire(work, 'host1', [port.id])
    const floating = await ask('POST', '/floatingips', { floatingip: { floating_network_id: external.networks[0].id, port_id: port.id } })
    assert.equal(floating.status, 201)
    const details = await portDetailsOfServer(ctx(), server)
    assert.deepEqual([details[0]?.floatingIps.length, details[0]?.subnets.length, details[0]?.securityGroups[0]?.name], [1, 2, 'default'])
    assert.equal(
      (await ask('GET', `/ports?device_owner=network:dhcp&fixed_ips=subnet_id=${port.fixedIps[0]?.subnetId}`)).body.ports.length,
      1,
    )
    assert.equal((await ask('GET', '/network-ip-availabilities', undefined, 'admin@p0')).body.network_ip_availabilities.length, 2)
    assert.equal((await ask('PUT', `/networks/${network.id}/tags`, { tags: ['x'] })).status, 200)
    assert.equal((await ask('GET', '/networks?tags=x')).body.networks.length, 1)
    const pool = await ask(
      'POST',
      '/subnetpools',
      { subnetpool: { name: 'pool', prefixes: ['10.0.0.0/16', '10.1.0.0/16'], default_prefixlen: 26 } },
      'admin@p1',
    )
    assert.deepEqual(pool.body.subnetpool.prefixes, ['10.0.0.0/15'])
    const topology = await ask('GET', '/auto-allocated-topology/p7', undefined, 'member@p7')
    assert.equal(topology.status, 200)
    assert.equal((await ask('DELETE', '/auto-allocated-topology/p7', undefined, 'member@p7')).status, 204)
    const agents = (await ask('GET', '/agents?agent_type=DHCP agent', undefined, 'admin@p0')).body.agents
    assert.deepEqual(agents.map((agent: any) => [agent.host, agent.alive]).sort(), [
      ['host1', true],
      ['host2', true],
    ])
    assert.equal((await ask('GET', `/networks/${network.id}/dhcp-agents`, undefined, 'admin@p0')).body.agents.length, 1)
    assert.equal(
      (await ask('GET', `/agents/${agents.find((agent: any) => agent.host === 'host1').id}/dhcp-networks`, undefined, 'admin@p0')).body
        .networks.length,
      1,
    )
    assert.equal(
      (
        await ask(
          'POST',
          `/agents/${agents.find((agent: any) => agent.host === 'host2').id}/dhcp-networks`,
          { network_id: network.id },
          'admin@p0',
        )
      ).status,
      201,
    )
    assert.equal((await ask('PUT', '/quotas/p1', { quota: { port: 1, force: true } }, 'admin@p0')).status, 200)
    assert.equal((await ask('POST', '/ports', { port: { network_id: network.id } })).status, 409)
    await serverPortDelete(ctx(), port.id)
    assert.equal((await ask('GET', `/floatingips/${floating.body.floatingip.id}`)).body.floatingip.port_id, null)
    const group = (await ask('POST', '/security-groups', { security_group: { name: 'g' } })).body.security_group
    const rule = { security_group_id: group.id, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 }
    assert.deepEqual(
      [
        (await ask('POST', '/security-group-rules', { security_group_rule: rule })).status,
        (await ask('POST', '/security-group-rules', { security_group_rule: rule })).status,
      ],
      [201, 409],
    )
    assert.equal((await ask('GET', '/security-group-rules?protocol=None&port_range_min=22')).body.security_group_rules.length, 0)
    assert.equal((await ask('DELETE', `/security-groups/${group.id}`)).status, 204)
  } finally {
    await cloud.engine.stop()
    await cloud.app.close()
  }
})

forEachDialect('ports made at once have addresses of their own', async (store) => {
  const cloud = await startTestCloud({ store })
  const ask = asker(cloud)
  try {
    const network = (await ask('POST', '/networks', { network: {} })).body.network
    await ask('POST', '/subnets', { subnet: { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/27' } })
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        cloud.request('POST', '/network/v2.0/ports', { as: 'member@p1', body: { port: { network_id: network.id } } }),
      ),
    )
    const addresses = answers.filter(({ status }) => status === 201).map(({ body }) => body.port.fixed_ips[0].ip_address)
    // on PostgreSQL a transaction may lose against the others too often and say so; nobody gets another's address
    assert.equal(new Set(addresses).size, addresses.length)
    assert.ok(addresses.length <= 29)
    const { body } = await ask('GET', '/ports')
    assert.equal(body.ports.length, addresses.length)
    assert.equal((await ask('GET', '/security-groups')).body.security_groups.length, 1)
  } finally {
    await cloud.engine.stop()
    await cloud.app.close()
  }
})
