// Every attribute of every resource with values that it was not made for: an answer, never a 5xx.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNetworkApi } from '../../test/support/network-api.ts'
import * as resources from './routes/resources.ts'

const junk: unknown[] = [
  null,
  5,
  -1,
  1e300,
  '',
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  [],
  [null],
  [{}],
  {},
  true,
  '10.0.0.1',
  '0.0.0.0/0',
  '::1',
  [{ ip_address: '10.0.0.7' }],
  [{ start: '::', end: '10.0.0.3' }],
  [{ destination: '1.1.1.1/32', nexthop: '10.0.0.1' }],
  { network_id: 5 },
  'gre',
  '99999999999999999999',
]
const queries = [
  'limit=x',
  'limit=99999999999999999',
  'marker=x',
  'sort_key=id&sort_dir=desc&limit=2',
  'fields=',
  'id=a&id=b',
  'name=%00',
  'tags=%22%5C,%00',
  'fixed_ips=x',
  'fixed_ips=ip_address_substr=%00',
  'shared=maybe',
  'page_reverse=True&limit=1',
  'id[a]=b',
  '__proto__=1',
  'sort_key=constructor',
  'mtu=99999999999',
  'revision_number=-9',
]

interface Described {
  collection: string
  path: string
  resource: { name: string; attributes: Record<string, unknown> }
}

test('no value, body or query makes an error of ours', async () => {
  const api = await startNetworkApi()
  try {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await api.ask(method, path, body, 'admin@p1')
      assert.ok(
        answer.status < 500,
        `${method} ${path} ${JSON.stringify(body)?.slice(0, 200)}: ${answer.status} ${JSON.stringify(answer.body)}`,
      )
      return answer
    }
    await ask('PUT', '/quotas/p1', {
      quota: {
        network: -1,
        subnet: -1,
        port: -1,
        router: -1,
        floatingip: -1,
        security_group: -1,
        security_group_rule: -1,
        rbac_policy: -1,
      },
    })
    const external = await api.make('/networks', 'network', { 'router:external': true }, 'admin@p1')
    await api.make('/subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '172.24.0.0/20' }, 'admin@p1')
    const network = await api.make('/networks', 'network', {}, 'admin@p1')
    const group = await api.make('/security-groups', 'security_group', {}, 'admin@p1')
    const base: Record<string, Record<string, unknown>> = {
      network: {},
      subnet: { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' },
      port: { network_id: network.id },
      security_group: {},
      security_group_rule: { security_group_id: group.id, direction: 'ingress' },
      router: {},
      floatingip: { floating_network_id: external.id },
      subnetpool: { name: 'x', prefixes: ['10.0.0.0/8'] },
      address_scope: { ip_version: 4 },
      address_group: {},
      rbac_policy: { object_type: 'network', object_id: network.id, action: 'access_as_shared', target_tenant: 'x' },
    }
    for (const described of Object.values(resources) as unknown as Described[]) {
      if (!('resource' in described)) continue
      const { path, collection } = described
      const { name, attributes } = described.resource
      const made = base[name] && (await ask('POST', path, { [name]: base[name] })).body?.[name]
      for (const attribute of Object.keys(attributes)) {
        for (const value of junk) {
          const created = await ask('POST', path, { [name]: { ...base[name], [attribute]: value } })
          if (created.status === 201) await ask('DELETE', `${path}/${created.body[name].id}`)
          if (made) await ask('PUT', `${path}/${made.id}`, { [name]: { [attribute]: value } })
        }
      }
      for (const body of junk) {
        await ask('POST', path, body)
        await ask('POST', path, { [name]: body, [collection]: body })
        await ask('PUT', `${path}/${made?.id ?? 'x'}`, { [name]: body })
      }
      for (const query of queries) await ask('GET', `${path}?${query}`)
    }
  } finally {
    await api.stop()
  }
})
