// What a guest reads of itself, from the service and from the config drive: the same tree.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { serverFetch } from '../servers/store/servers.ts'
import { configDriveFiles } from './config-drive.ts'
import { metadataFacts } from './facts.ts'
import { networkData } from './network-data.ts'
import { metadataSource } from './source.ts'

let the: ServerCloud
let id = ''
let address = ''
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpUpZb1MkDvfCwKQHu1hJnBCtZwHLxP4l1vBvVTnTRj me'

before(async () => {
  the = await startServerCloud()
  await the.api('POST', '/compute/v2.1/os-keypairs', { body: { keypair: { name: 'k', public_key: publicKey } } })
  const personality = [{ path: '/etc/motd', contents: Buffer.from('hello').toString('base64') }]
  id = await the.boot({
    name: 'My Server',
    key_name: 'k',
    user_data: Buffer.from('#!/bin/sh\necho hi').toString('base64'),
    metadata: { role: 'web' },
    config_drive: true,
    personality,
  })
  address = (await the.show(id)).addresses.net[0].addr
})
after(() => the.stop())

const get = (path: string, from = address) =>
  metadataSource(the.cloud.platform).get({ networkId: the.networkId, routerId: null, address: from }, path, {})

test('the service knows who asks by the address on the network', async () => {
  const answer = await get('/openstack/latest/meta_data.json')
  assert.equal(answer.status, 200)
  const data = JSON.parse(answer.body)
  assert.deepEqual(
    {
      uuid: data.uuid,
      name: data.name,
      hostname: data.hostname,
      meta: data.meta,
      keys: data.keys,
      project_id: data.project_id,
      launch_index: data.launch_index,
    },
    {
      uuid: id,
      name: 'My Server',
      hostname: 'my-server.novalocal',
      meta: { role: 'web' },
      keys: [{ name: 'k', type: 'ssh', data: publicKey }],
      project_id: 'p1',
      launch_index: 0,
    },
  )
  assert.deepEqual(data.files, [{ path: '/etc/motd', content_path: '/content/0000' }])
  assert.equal((await get('/openstack/content/0000')).body, 'hello')
  assert.equal((await get('/openstack/latest/user_data')).body, '#!/bin/sh\necho hi')
  assert.equal((await get('/openstack/latest/meta_data.json', '10.7.9.9')).status, 404, 'attack-26: nobody has that address')
})

test('the EC2 layout lists its folders and reads its leaves', async () => {
  assert.match((await get('/')).body, /latest\nopenstack$/)
  assert.match((await get('/latest/meta-data/')).body, /^ami-id\n.*public-keys\/\n/s)
  assert.equal((await get('/2009-04-04/meta-data/local-ipv4')).body, address)
  assert.equal((await get('/latest/meta-data/public-keys/')).body, '0=k')
  assert.equal((await get('/latest/meta-data/public-keys/0/openssh-key')).body, publicKey)
  assert.match((await get('/latest/meta-data/instance-id')).body, /^i-[0-9a-f]{8}$/)
  assert.equal((await get('/latest/user-data')).body, '#!/bin/sh\necho hi')
  for (const path of [
    '/latest/meta-data/nothing',
    '/openstack/1999-01-01/meta_data.json',
    '/etc/passwd',
    '/latest/meta-data/../../x',
    '/openstack/latest/constructor',
    '/latest/__proto__',
  ]) {
    assert.equal((await get(path)).status, 404, path)
  }
})

test('older versions have less', async () => {
  assert.equal((await get('/openstack/2012-08-10/network_data.json')).status, 404)
  assert.equal((await get('/openstack/2015-10-15/network_data.json')).status, 200)
  assert.ok(!('random_seed' in JSON.parse((await get('/openstack/2012-08-10/meta_data.json')).body)))
})

test('the config drive holds the same', async () => {
  const ctx = the.cloud.systemContext()
  const server = await serverFetch(ctx.db, id)
  assert.ok(server)
  const files = configDriveFiles(await metadataFacts(ctx, server))
  assert.equal(files['openstack/latest/meta_data.json'], (await get('/openstack/latest/meta_data.json')).body)
  assert.equal(files['openstack/content/0000'], 'hello')
  assert.equal(files['ec2/latest/user-data'], '#!/bin/sh\necho hi')
  const network = JSON.parse(files['openstack/latest/network_data.json'] ?? '')
  assert.deepEqual([network.networks[0].type, network.links[0].mtu], ['ipv4_dhcp', 1450])
  assert.equal((await the.show(id)).config_drive, 'True')
})

test('network data tells static addresses with masks and routes', () => {
  const subnet = {
    id: 's',
    cidr: '10.0.4.0/22',
    ipVersion: 4 as const,
    gatewayIp: '10.0.4.1',
    dnsNameservers: ['9.9.9.9'],
    hostRoutes: [{ destination: '10.9.0.0/16', nexthop: '10.0.4.2' }],
    enableDhcp: false,
    ipv6AddressMode: null,
  }
  const six = {
    ...subnet,
    id: 't',
    cidr: 'fd00:1:2:3::/64',
    ipVersion: 6 as const,
    gatewayIp: 'fd00:1:2:3::1',
    hostRoutes: [],
    dnsNameservers: [],
  }
  const port = {
    portId: 'a3b1c2d4-0000-4000-8000-000000000000',
    serverId: 's',
    networkId: 'n',
    networkName: 'net',
    mac: 'fa:16:3e:00:00:01',
    status: 'ACTIVE',
    adminStateUp: true,
    portSecurityEnabled: true,
    mtuBytes: 1400,
    host: 'h',
    floatingIps: [],
    securityGroups: [],
    fixedIps: [
      { subnetId: 's', ipAddress: '10.0.5.7' },
      { subnetId: 't', ipAddress: 'fd00:1:2:3::7' },
    ],
    subnets: [subnet, six],
  }
  const { networks, services } = networkData([port]) as { networks: Record<string, unknown>[]; services: unknown }
  assert.deepEqual(networks[0], {
    id: 'network0',
    link: 'tapa3b1c2d4-00',
    network_id: 'n',
    type: 'ipv4',
    ip_address: '10.0.5.7',
    netmask: '255.255.252.0',
    services: [{ type: 'dns', address: '9.9.9.9' }],
    routes: [
      { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.4.1' },
      { network: '10.9.0.0', netmask: '255.255.0.0', gateway: '10.0.4.2' },
    ],
  })
  assert.deepEqual([networks[1]?.['type'], networks[1]?.['netmask']], ['ipv6', 'ffff:ffff:ffff:ffff::'])
  assert.deepEqual(services, [{ type: 'dns', address: '9.9.9.9' }])
})
