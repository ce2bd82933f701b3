// What a user names by id is looked up with his own right to see it: every attribute that names something, of every resource.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Attributes } from './api/attribute.ts'
import { startNetworkApi, type NetworkApi } from '../../test/support/network-api.ts'
import * as described from './routes/resources.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

interface Described {
  resource: { name: string; attributes: Attributes; update?: unknown }
  path: string
  collection: string
}
const all = Object.values(described).filter(
  (one): one is (typeof described)['networksApi'] => typeof one === 'object' && 'resource' in one,
) as unknown as Described[]

/** Not ids of anything: a project is Keystone's, a device the user's own word, flavors are not there. */
const free = new Set(['project_id', 'tenant_id', 'device_id', 'flavor_id', 'provider:segmentation_id', 'binding:host_id'])
const namesSomething = (name: string) => /_ids?$|^security_groups$|^fixed_ips$|^external_gateway_info$/.test(name) && !free.has(name)

test('F9 of every attribute that can be given an id it is said what it names', () => {
  const settable = all.flatMap(({ resource }) =>
    Object.entries(resource.attributes).flatMap(([name, { post, put, refers }]) =>
      (post || put) && namesSomething(name) ? [{ at: `${resource.name}.${name}`, refers }] : [],
    ),
  )
  assert.ok(settable.length > 12)
  assert.deepEqual(
    settable.filter(({ refers }) => refers === undefined),
    [],
  )
})

test('F9 what a user named is taken from no store before its look-up', () => {
  const asked = /\b\w+Fetch(?:All)?\(\w+\.db, (?:values|wish|wanted|info|body|params|question|request|asked|item)\b/
  // these make things that were authorised, or ask for the owner of what a user wrote
  const known = new Set(['ports/ports.ts', 'subnets/subnets.ts', 'subnetpools/cut.ts', 'ports/rules.ts'])
  const found = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
    (path) =>
      !/\.test\.ts$|(^|[/.])(store|routes|api|view|views|checks)[/.]/.test(path) &&
      !known.has(path) &&
      asked.test(readFileSync(`${import.meta.dirname}/${path}`, 'utf8')),
  )
  assert.deepEqual(found, [])
})

/** Things of the project p2 that p1 may not see, by the kind that attributes refer to. */
async function foreign(): Promise<Record<string, string>> {
  const as = 'admin@p2'
  const network = await api.make('/networks', 'network', {}, as)
  const subnet = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.1.0.0/24' }, as)
  const port = await api.make('/ports', 'port', { network_id: network.id }, as)
  const group = await api.make('/security-groups', 'security_group', { name: 'theirs' }, as)
  const addressGroup = await api.make('/address-groups', 'address_group', { name: 'theirs', addresses: ['10.0.0.0/8'] }, as)
  const scope = await api.make('/address-scopes', 'address_scope', { name: 'theirs', ip_version: 4 }, as)
  const pool = await api.make('/subnetpools', 'subnetpool', { name: 'theirs', prefixes: ['10.64.0.0/16'], default_prefixlen: 24 }, as)
  const router = await api.make('/routers', 'router', {}, as)
  return {
    network: network.id,
    subnet: subnet.id,
    port: port.id,
    security_group: group.id,
    address_group: addressGroup.id,
    address_scope: scope.id,
    subnetpool: pool.id,
    router: router.id,
  }
}

test('F9 what another project has can be named in no attribute, neither at the making nor in a change, and nobody learns that it is there', async () => {
  const theirs = await foreign()
  const absent = '11111111-2222-4333-8444-555555555555'
  const network = await api.make('/networks', 'network', {})
  const external = await api.make('/networks', 'network', { 'router:external': true }, 'admin@p0')
  await api.make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.30.0.0/24' }, 'admin@p0')
  const group = await api.make('/security-groups', 'security_group', { name: 'own' })
  const bodies: Record<string, Record<string, unknown>> = {
    port: { network_id: network.id },
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.9.0.0/24' },
    subnetpool: { name: 'p', prefixes: ['10.200.0.0/16'] },
    security_group_rule: { security_group_id: group.id, direction: 'ingress', protocol: 'tcp', port_range_min: 1, port_range_max: 2 },
    floatingip: { floating_network_id: external.id },
    router: {},
  }
  const kinds: Record<string, string> = {
    'port.network_id': 'network',
    'subnet.network_id': 'network',
    'security_group_rule.security_group_id': 'security_group',
  }
  let tried = 0
  for (const { resource, path } of all) {
    const body = bodies[resource.name]
    if (!body) continue
    for (const [name, { post, put, refers }] of Object.entries(resource.attributes)) {
      const kind =
        refers === 'target'
          ? kinds[`${resource.name}.${name}`]
          : refers === 'own'
            ? { fixed_ips: 'subnet', external_gateway_info: 'network', subnet_id: 'subnet' }[name]
            : refers
      const id = kind === undefined ? undefined : theirs[kind]
      if (id === undefined || (!post && !put)) continue
      const valued = (of: string) =>
        ({ security_groups: [of], fixed_ips: [{ subnet_id: of }], external_gateway_info: { network_id: of } })[name] ?? of
      const without = (of: unknown) => JSON.stringify(of).replaceAll(id, '*').replaceAll(absent, '*')
      const ask = async (method: string, to: string, values: Record<string, unknown>) => {
        const answers = []
        for (const named of [id, absent]) answers.push(await api.ask(method, to, { [resource.name]: { ...values, [name]: valued(named) } }))
        const [foreignAnswer, absentAnswer] = answers
        tried++
        assert.ok([400, 404].includes(foreignAnswer?.status ?? 0), `${method} ${resource.name}.${name}: ${JSON.stringify(foreignAnswer)}`)
        assert.equal(without(foreignAnswer?.body), without(absentAnswer?.body), `${method} ${resource.name}.${name} tells what is there`)
      }
      const { cidr: _cidr, ...poolable } = body
      if (post) await ask('POST', path, name === 'subnetpool_id' ? poolable : body)
      if (put && resource.update) {
        const made = await api.make(path, resource.name, body)
        await ask('PUT', `${path}/${made.id}`, {})
        assert.equal((await api.ask('DELETE', `${path}/${made.id}`)).status, 204)
      }
    }
  }
  assert.ok(tried >= 14, `${tried} were tried`)
  const removed = await api.ask('DELETE', `/address-groups/${theirs['address_group']}`, undefined, 'member@p2')
  assert.equal(removed.status, 204, 'nothing of p1 leans on what p2 has')
})

test('F9 actions on routers, agents and pools look up what they are given, too', async () => {
  const theirs = await foreign()
  const router = await api.make('/routers', 'router', {})
  for (const action of ['add_router_interface', 'remove_router_interface']) {
    for (const body of [{ subnet_id: theirs['subnet'] }, { port_id: theirs['port'] }]) {
      const { status } = await api.ask('PUT', `/routers/${router.id}/${action}`, body)
      assert.equal(status, 404, `${action} ${JSON.stringify(body)}`)
    }
    assert.equal((await api.ask('PUT', `/routers/${theirs['router']}/${action}`, { subnet_id: theirs['subnet'] })).status, 404)
  }
  assert.equal((await api.ask('PUT', `/subnetpools/${theirs['subnetpool']}/add_prefixes`, { prefixes: ['10.65.0.0/16'] })).status, 404)
  assert.equal(
    (await api.ask('PUT', `/address-groups/${theirs['address_group']}/add_addresses`, { addresses: ['10.65.0.0/16'] })).status,
    404,
  )
})
