// One of each resource in project p1, made through the API: what the fuzz test aims at. Keys are the path segments that ids follow:
// 'servers' in /servers/:id.
import assert from 'node:assert/strict'
import { computeBootstrap } from '../../src/compute/index.ts'
import { volumeBootstrap } from '../../src/volume/index.ts'
import type { TestCloud } from '../support/cloud.ts'
import { absentId } from './operations.ts'
import { until } from '../support/until.ts'

const marker = 'only-for-p1'
const owner = 'member@p1'

/** collection segment → id (or name, where the API names things) */
export type Fixtures = Record<string, string>

export async function makeFixtures(cloud: TestCloud): Promise<Fixtures> {
  const ids: Fixtures = {}
  await computeBootstrap(cloud.systemContext())
  await volumeBootstrap(cloud.systemContext())
  const make = async (segment: string, url: string, body: Record<string, unknown>, pick: (answer: any) => string, as = owner) => {
    const headers = { 'openstack-api-version': 'compute 2.79, volume 3.59' }
    const answer = await cloud.request('POST', url, { as, body, headers })
    assert.ok(answer.status < 300, `POST ${url}: ${answer.status} ${answer.text}`)
    ids[segment] = pick(answer.body)
    return ids[segment]
  }
  const name = (what: string) => `${marker}-${what}`
  const description = marker
  await make('os-keypairs', '/compute/v2.1/os-keypairs', { keypair: { name: name('key') } }, (body) => body.keypair.name)
  await make(
    'os-server-groups',
    '/compute/v2.1/os-server-groups',
    { server_group: { name: name('servergroup'), policy: 'affinity' } },
    (body) => body.server_group.id,
  )
  const network = await make(
    'networks',
    '/network/v2.0/networks',
    { network: { name: name('network'), description } },
    (body) => body.network.id,
  )
  const subnet = await make(
    'subnets',
    '/network/v2.0/subnets',
    { subnet: { name: name('subnet'), network_id: network, ip_version: 4, cidr: '10.9.0.0/24' } },
    (body) => body.subnet.id,
  )
  const group = await make(
    'security-groups',
    '/network/v2.0/security-groups',
    { security_group: { name: name('group') } },
    (body) => body.security_group.id,
  )
  await make(
    'security-group-rules',
    '/network/v2.0/security-group-rules',
    { security_group_rule: { security_group_id: group, direction: 'ingress', description } },
    (body) => body.security_group_rule.id,
  )
  await make('ports', '/network/v2.0/ports', { port: { name: name('port'), network_id: network } }, (body) => body.port.id)
  const router = await make('routers', '/network/v2.0/routers', { router: { name: name('router') } }, (body) => body.router.id)
  await cloud.request('PUT', `/network/v2.0/routers/${router}/add_router_interface`, { as: owner, body: { subnet_id: subnet } })
  await make(
    'subnetpools',
    '/network/v2.0/subnetpools',
    { subnetpool: { name: name('pool'), prefixes: ['10.64.0.0/16'], default_prefixlen: 24 } },
    (body) => body.subnetpool.id,
  )
  await make(
    'address-scopes',
    '/network/v2.0/address-scopes',
    { address_scope: { name: name('scope'), ip_version: 4 } },
    (body) => body.address_scope.id,
  )
  await make('images', '/image/v2/images', { name: name('image'), disk_format: 'raw', container_format: 'bare' }, (body) => body.id)
  const volume = await make(
    'volumes',
    '/volume/v3/volumes',
    { volume: { name: name('volume'), size: 1, metadata: { m: marker } } },
    (body) => body.volume.id,
  )
  await settled(cloud, `/volume/v3/volumes/${volume}`, (body) => body.volume.status === 'available')
  const snapshot = await make(
    'snapshots',
    '/volume/v3/snapshots',
    { snapshot: { name: name('snapshot'), volume_id: volume } },
    (body) => body.snapshot.id,
  )
  await settled(cloud, `/volume/v3/snapshots/${snapshot}`, (body) => body.snapshot.status === 'available')
  const server = await make(
    'servers',
    '/compute/v2.1/servers',
    {
      server: {
        name: name('server'),
        flavorRef: '42',
        networks: [{ uuid: network }],
        block_device_mapping_v2: [
          { boot_index: 0, uuid: await bootable(cloud, volume), source_type: 'volume', destination_type: 'volume' },
        ],
      },
    },
    (body) => body.server.id,
  )
  await settled(cloud, `/compute/v2.1/servers/${server}`, (body) => body.server.status === 'ACTIVE')
  return ids
}

async function bootable(cloud: TestCloud, volume: string): Promise<string> {
  const answer = await cloud.request('POST', `/volume/v3/volumes/${volume}/action`, {
    as: owner,
    body: { 'os-set_bootable': { bootable: true } },
  })
  assert.equal(answer.status, 200, answer.text)
  return volume
}

/** Asks as the owner until it is so. */
async function settled(cloud: TestCloud, url: string, done: (body: any) => boolean): Promise<void> {
  await until(async () => {
    const answer = await cloud.request('GET', url, { as: owner })
    return answer.status === 200 && done(answer.body)
  })
}

/** A path of things that are there, so that requests get as far as they can. */
export function aimed(path: string, ids: Fixtures): string {
  const idOf = (segment: string, parameter: string) => (parameter === 'project_id' ? 'p1' : encodeURIComponent(ids[segment] ?? absentId))
  return path
    .replace(/([\w-]+)\/:(\w+)/g, (_all, segment: string, parameter: string) => `${segment}/${idOf(segment, parameter)}`)
    .replace('*', 'x')
}
