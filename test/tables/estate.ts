// All kinds of things that a project may hold, made in one project through the API, each private to it: what strangers must
// neither see, nor touch, nor name in a request of their own.
import assert from 'node:assert/strict'
import { identityBootstrap } from '../../src/identity/index.ts'
import { defined } from '../../src/platform/defined.ts'
import { quotaSet } from '../../src/platform/quota.ts'
import type { ServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'

export type Kind =
  | 'server'
  | 'serverPort'
  | 'serverRequest'
  | 'keypair'
  | 'serverGroup'
  | 'flavor'
  | 'network'
  | 'subnet'
  | 'port'
  | 'router'
  | 'securityGroup'
  | 'securityGroupRule'
  | 'floatingIp'
  | 'subnetpool'
  | 'addressScope'
  | 'addressGroup'
  | 'rbacPolicy'
  | 'image'
  | 'namespace'
  | 'volume'
  | 'attachedVolume'
  | 'snapshot'
  | 'volumeType'
  | 'groupType'
  | 'volumeGroup'
  | 'groupSnapshot'
  | 'transfer'
  | 'attachment'
  | 'project'
  | 'account'
  | 'container'
  | 'object'

export interface Estate {
  project: string
  /** stands in every name and description */
  marker: string
  ids: Record<Kind, string>
  /** how the project's own member sees all of it, as text */
  view(): Promise<Record<string, string>>
}

/** What both projects may use. */
export interface Commons {
  externalNetworkId: string
}

const versions = { 'openstack-api-version': 'compute 2.90, volume 3.70' }

export async function makeCommons({ cloud }: ServerCloud): Promise<Commons> {
  await identityBootstrap(cloud.systemContext(), { adminPassword: 'secret', demoPassword: 'secret', services: [] })
  const make = async (url: string, body: object) => {
    const answer = await cloud.request('POST', `/network/v2.0/${url}`, { as: 'admin@cloud', body })
    assert.ok(answer.status < 300, answer.text)
    return answer.body
  }
  const externalNetworkId = (await make('networks', { network: { name: 'door', 'router:external': true } })).network.id as string
  await make('subnets', { subnet: { network_id: externalNetworkId, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false } })
  return { externalNetworkId }
}

/** One of each, in a new project; `octet` keeps the addresses of two estates apart. */
export async function makeEstate(
  the: ServerCloud,
  { externalNetworkId }: Commons,
  { name, octet, domainId }: { name: string; octet: number; domainId?: string },
): Promise<Estate> {
  const { cloud } = the
  const marker = `only-for-${name}`
  const project = await makeProject(the, name, domainId)
  const owner = `member@${project}`
  const ask = async (method: string, url: string, body?: unknown, as = owner) => {
    const answer = await cloud.request(method, url, { as, headers: versions, ...defined({ body }) })
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const net = async (what: string, body: Record<string, unknown>, as = owner): Promise<string> =>
    (await ask('POST', `/network/v2.0/${what.replaceAll('_', '-')}${what.endsWith('y') ? '' : 's'}`, { [what]: body }, as))[what].id
  const block = async (url: string, what: string, body: Record<string, unknown>, as = owner): Promise<string> =>
    (await ask('POST', `/volume/v3/${url}`, { [what]: body }, as))[what].id
  const named = { name: marker, description: marker }
  const admin = 'admin@cloud'

  const network = await net('network', named)
  const subnet = await net('subnet', { ...named, network_id: network, ip_version: 4, cidr: `10.${octet}.0.0/24` })
  const securityGroup = await net('security_group', named)
  const securityGroupRule = await net('security_group_rule', {
    security_group_id: securityGroup,
    direction: 'ingress',
    description: marker,
  })
  const port = await net('port', { ...named, network_id: network })
  const router = await net('router', { ...named, external_gateway_info: { network_id: externalNetworkId } })
  await ask('PUT', `/network/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet })
  const floatingIp = await net('floatingip', { floating_network_id: externalNetworkId, description: marker })
  const addressScope = await net('address_scope', { name: marker, ip_version: 4 })
  const subnetpool = await net('subnetpool', { ...named, prefixes: [`10.${octet + 100}.0.0/16`], default_prefixlen: 24 })
  const addressGroup = await net('address_group', { ...named, addresses: ['10.0.0.0/8'] })
  const rbacPolicy: string = (
    await ask('POST', '/network/v2.0/rbac-policies', {
      rbac_policy: { object_type: 'security_group', object_id: securityGroup, action: 'access_as_shared', target_tenant: 'p3' },
    })
  ).rbac_policy.id

  const image: string = (
    await ask('POST', '/image/v2/images', { name: marker, disk_format: 'raw', container_format: 'bare', visibility: 'private' })
  ).id
  await cloud.request('PUT', `/image/v2/images/${image}/file`, {
    as: owner,
    body: Buffer.alloc(512),
    headers: { 'content-type': 'application/octet-stream' },
  })
  await ask(
    'POST',
    '/image/v2/metadefs/namespaces',
    { namespace: `namespace-of-${name}`, description: marker, visibility: 'private' },
    `admin@${project}`,
  )

  const volumeType = await block('types', 'volume_type', { ...named, 'os-volume-type-access:is_public': false }, admin)
  await ask('POST', `/volume/v3/types/${volumeType}/action`, { addProjectAccess: { project } }, admin)
  const groupType = await block('group_types', 'group_type', { ...named, is_public: true }, admin)
  const volume = await block('volumes', 'volume', { ...named, size: 1, volume_type: volumeType, imageRef: the.imageId })
  const [handed, held] = [await block('volumes', 'volume', { ...named, size: 1 }), await block('volumes', 'volume', { ...named, size: 1 })]
  const volumeGroup = await block('groups', 'group', { ...named, group_type: groupType, volume_types: [volumeType] })
  await settled(cloud)
  await block('volumes', 'volume', { ...named, size: 1, volume_type: volumeType, group_id: volumeGroup })
  const snapshot = await block('snapshots', 'snapshot', { ...named, volume_id: volume })
  const transfer = await block('volume-transfers', 'transfer', { name: marker, volume_id: handed })
  const attachment = await block('attachments', 'attachment', { volume_uuid: held, instance_uuid: '11111111-1111-4111-8111-111111111111' })
  await settled(cloud)
  const groupSnapshot = await block('group_snapshots', 'group_snapshot', { ...named, group_id: volumeGroup })
  await settled(cloud)

  const flavor: string = (
    await ask(
      'POST',
      '/compute/v2.1/flavors',
      { flavor: { name: marker, ram: 64, vcpus: 1, disk: 1, 'os-flavor-access:is_public': false } },
      admin,
    )
  ).flavor.id
  await ask('POST', `/compute/v2.1/flavors/${flavor}/action`, { addTenantAccess: { tenant: project } }, admin)
  await ask('POST', '/compute/v2.1/os-keypairs', {
    keypair: {
      name: `key-of-${name}`,
      type: 'ssh',
      public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me',
    },
  })
  const serverGroup: string = (await ask('POST', '/compute/v2.1/os-server-groups', { server_group: { name: marker, policy: 'affinity' } }))
    .server_group.id
  const server: string = (
    await ask('POST', '/compute/v2.1/servers', {
      server: { name: marker, imageRef: the.imageId, flavorRef: the.flavorId, networks: [{ uuid: network }] },
    })
  ).server.id
  await the.until(server, 'ACTIVE')
  const attachedVolume = await block('volumes', 'volume', { ...named, size: 1 })
  await settled(cloud)
  await ask('POST', `/compute/v2.1/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: attachedVolume } })
  await settled(cloud)
  const serverPort: string = (await ask('GET', `/compute/v2.1/servers/${server}/os-interface`)).interfaceAttachments[0].port_id
  const serverRequest: string = (await ask('GET', `/compute/v2.1/servers/${server}/os-instance-actions`)).instanceActions[0].request_id

  const [account, container, object] = [`AUTH_${project}`, `container-of-${name}`, `object-of-${name}`]
  await ask('PUT', `/object/v1/${account}/${container}`)
  const kept = await cloud.request('PUT', `/object/v1/${account}/${container}/${object}`, {
    as: owner,
    body: marker,
    headers: { 'content-type': 'text/plain', 'x-object-meta-marker': marker },
  })
  assert.equal(kept.status, 201, kept.text)

  const ids: Estate['ids'] = {
    server,
    serverPort,
    serverRequest,
    keypair: `key-of-${name}`,
    serverGroup,
    flavor,
    network,
    subnet,
    port,
    router,
    securityGroup,
    securityGroupRule,
    floatingIp,
    subnetpool,
    addressScope,
    addressGroup,
    rbacPolicy,
    image,
    namespace: `namespace-of-${name}`,
    volume,
    attachedVolume,
    snapshot,
    volumeType,
    groupType,
    volumeGroup,
    groupSnapshot,
    transfer,
    attachment,
    project,
    account,
    container,
    object,
  }
  const objects = [`/object/v1/${account}`, `/object/v1/${account}/${container}`, `/object/v1/${account}/${container}/${object}`]
  return { project, marker, ids, view: () => view(the, owner, objects) }
}

async function makeProject({ cloud }: ServerCloud, name: string, domainId?: string): Promise<string> {
  const ctx = cloud.systemContext()
  const { body, text } = await cloud.request('POST', '/identity/v3/projects', {
    as: 'admin@cloud',
    body: { project: { name, ...defined({ domain_id: domainId }) } },
  })
  assert.ok(body.project, text)
  await quotaSet(ctx, 'compute', body.project.id, { instances: -1, cores: -1, ram: -1, key_pairs: -1, server_groups: -1 })
  await quotaSet(ctx, 'volume', body.project.id, { volumes: -1, gigabytes: -1, snapshots: -1, groups: -1 })
  await quotaSet(ctx, 'network', body.project.id, {
    port: -1,
    network: -1,
    subnet: -1,
    router: -1,
    floatingip: -1,
    security_group: -1,
    security_group_rule: -1,
    rbac_policy: -1,
  })
  return body.project.id
}

const lists = {
  '/compute/v2.1': ['servers/detail', 'os-keypairs', 'os-server-groups'],
  '/volume/v3': [
    'volumes/detail',
    'snapshots/detail',
    'attachments/detail',
    'volume-transfers/detail',
    'groups/detail',
    'group_snapshots/detail',
    'types',
  ],
  '/image/v2': ['images', 'metadefs/namespaces'],
  '/network/v2.0': [
    'networks',
    'subnets',
    'ports',
    'routers',
    'security-groups',
    'security-group-rules',
    'floatingips',
    'subnetpools',
    'address-scopes',
    'address-groups',
    'rbac-policies',
  ],
}

/** Every list of the project, which shows what is gone, changed, and what is there that was not. */
async function view({ cloud }: ServerCloud, owner: string, objects: string[]): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  for (const [root, urls] of Object.entries(lists)) {
    for (const url of urls) {
      const answer = await cloud.request('GET', `${root}/${url}`, { as: owner, headers: versions })
      assert.equal(answer.status, 200, `${url}: ${answer.text}`)
      seen[url] = answer.text
    }
  }
  for (const url of objects) {
    const answer = await cloud.request('GET', url, { as: owner })
    assert.equal(answer.status, 200, `${url}: ${answer.text}`)
    seen[url] = answer.text + String(answer.headers['x-object-meta-marker'] ?? '')
  }
  return seen
}
