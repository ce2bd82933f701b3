// What compute asks of the network stands under the rules that the network's own API has: every way onto a network is
// tried with what a member may not have, and with what he may.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { defined } from '../../platform/defined.ts'

let cloud: ServerCloud
let server = ''
const admin = 'admin@p1'
const neutron = (method: string, path: string, body?: unknown, as = 'member@p1') =>
  cloud.cloud.request(method, `/network/v2.0${path}`, { as, ...defined({ body }) })

async function make(
  path: string,
  name: string,
  values: Record<string, unknown>,
  as = admin,
): Promise<{ id: string } & Record<string, never>> {
  const answer = await neutron('POST', path, { [name]: values }, as)
  assert.equal(answer.status, 201, answer.text)
  return answer.body[name]
}

async function networkOf(cidr: string, values: Record<string, unknown>, as = 'admin@owner'): Promise<string> {
  const { id } = await make('/networks', 'network', values, as)
  await make('/subnets', 'subnet', { network_id: id, ip_version: 4, cidr }, as)
  return id
}

const portCount = async (networkId: string) => (await neutron('GET', `/ports?network_id=${networkId}`, undefined, admin)).body.ports.length

interface Wish {
  networkId?: string
  portId?: string
  fixedIp?: string
}

/** Every way to ask for it: a new server, and a server that stands. */
const ways: Record<string, (wish: Wish) => Promise<{ status: number; text: string }>> = {
  create: ({ networkId, portId, fixedIp }) =>
    cloud.cloud.request('POST', '/compute/v2.1/servers', {
      as: 'member@p1',
      body: cloud.server({
        networks: [{ ...(networkId && { uuid: networkId }), ...(portId && { port: portId }), ...(fixedIp && { fixed_ip: fixedIp }) }],
      }),
    }),
  attach: ({ networkId, portId, fixedIp }) =>
    cloud.cloud.request('POST', `/compute/v2.1/servers/${server}/os-interface`, {
      as: 'member@p1',
      body: {
        interfaceAttachment: {
          ...(networkId && { net_id: networkId }),
          ...(portId && { port_id: portId }),
          ...(fixedIp && { fixed_ips: [{ ip_address: fixedIp }] }),
        },
      },
    }),
}

before(async () => {
  cloud = await startServerCloud()
  server = await cloud.boot()
})
after(() => cloud.stop())

async function refusedEverywhere(wish: Wish, statuses: number[], networkId: string): Promise<void> {
  const ports = await portCount(networkId)
  const servers = (await cloud.api('GET', '/compute/v2.1/servers')).servers.length
  for (const [way, ask] of Object.entries(ways)) {
    const { status, text } = await ask(wish)
    assert.ok(statuses.includes(status), `${way} ${JSON.stringify(wish)}: ${status} ${text}`)
  }
  assert.equal(await portCount(networkId), ports, 'no port was made')
  assert.equal((await cloud.api('GET', '/compute/v2.1/servers')).servers.length, servers, 'no server was accepted')
}

test('F6 an address of one’s choice on a shared network is refused by every way, as POST ports refuses it', async () => {
  const shared = await networkOf('10.80.0.0/24', { shared: true })
  const theirs = await make('/ports', 'port', { network_id: shared, fixed_ips: [{ ip_address: '10.80.0.77' }] }, 'admin@owner')
  assert.ok(theirs.id)
  for (const fixedIp of ['10.80.0.1', '10.80.0.77', '10.80.0.78', '10.80.0.254']) {
    await refusedEverywhere({ networkId: shared, fixedIp }, [403], shared)
    assert.equal((await neutron('POST', '/ports', { port: { network_id: shared, fixed_ips: [{ ip_address: fixedIp }] } })).status, 403)
  }
  const { status, text } = await ways['attach']!({ networkId: shared })
  assert.equal(status, 200, text)
  const interfaces = (await cloud.api('GET', `/compute/v2.1/servers/${server}/os-interface`)).interfaceAttachments
  const port = interfaces.find(({ net_id }: { net_id: string }) => net_id === shared)
  await cloud.until(server, 'ACTIVE')
  // one more address of another's subnet is an update of the port’s addresses, which is the network owner's
  await cloud.act(server, { addFixedIp: { networkId: shared } }, { status: 403 })
  await cloud.act(server, { removeFixedIp: { address: port.fixed_ips[0].ip_address } }, { status: 403 })
})

test('F6 on one’s own network every free address may be asked for, the gateway’s too', async () => {
  const own = await networkOf('10.81.0.0/24', {}, 'member@p1')
  for (const fixedIp of ['10.81.0.1', '10.81.0.9']) {
    const { status, text } = await ways['attach']!({ networkId: own, fixedIp })
    assert.equal(status, 200, text)
    await cloud.until(server, 'ACTIVE')
  }
  assert.equal((await ways['create']!({ networkId: own, fixedIp: '10.81.0.9' })).status, 400)
  assert.equal((await ways['create']!({ networkId: own, fixedIp: '10.99.0.9' })).status, 400)
})

test('F6 a network that is not shared with the project is not found by any way; one that RBAC shares is as good as shared', async () => {
  const foreign = await networkOf('10.82.0.0/24', {})
  await refusedEverywhere({ networkId: foreign }, [400, 404], foreign)
  const theirs = await make('/ports', 'port', { network_id: foreign }, 'admin@owner')
  await refusedEverywhere({ portId: theirs.id }, [400, 404], foreign)
  await make(
    '/rbac-policies',
    'rbac_policy',
    { object_type: 'network', object_id: foreign, action: 'access_as_shared', target_tenant: 'p1' },
    'admin@owner',
  )
  await refusedEverywhere({ networkId: foreign, fixedIp: '10.82.0.50' }, [403], foreign)
  await refusedEverywhere({ portId: theirs.id }, [400, 404], foreign)
  assert.equal((await ways['attach']!({ networkId: foreign })).status, 200)
  await cloud.until(server, 'ACTIVE')
})

test('G17 an external network is no place for a server, neither itself nor by a port on it', async () => {
  const external = await networkOf('10.83.0.0/24', { 'router:external': true })
  await refusedEverywhere({ networkId: external }, [403], external)
  const given = await make('/ports', 'port', { network_id: external, project_id: 'p1' }, admin)
  await refusedEverywhere({ portId: given.id }, [403], external)
  assert.equal(
    (await neutron('POST', '/ports', { port: { network_id: external } })).status,
    403,
    'nor is a port made there by who does not own it',
  )
  const asAdmin = await cloud.cloud.request('POST', `/compute/v2.1/servers/${server}/os-interface`, {
    as: admin,
    body: { interfaceAttachment: { port_id: given.id } },
  })
  assert.equal(asAdmin.status, 200, asAdmin.text)
  await cloud.until(server, 'ACTIVE')
})

test('G17 a port is used by servers of its own project only, and by nobody who may not change it', async () => {
  const shared = await networkOf('10.84.0.0/24', { shared: true }, 'admin@p1')
  const others = await make('/ports', 'port', { network_id: shared }, 'member@p2')
  const asked = await cloud.cloud.request('POST', '/compute/v2.1/servers', {
    as: admin,
    body: cloud.server({ networks: [{ port: others.id }] }),
  })
  assert.equal(asked.status, 400, asked.text)
})
