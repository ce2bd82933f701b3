// Nova's old face of Neutron's security groups, on the real network domain.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { defined } from '../../platform/defined.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const call = (method: string, path: string, body?: unknown, version = '2.1') =>
  cloud.request(method, `/compute/v2.1${path}`, {
    as: 'member@p1',
    headers: { 'openstack-api-version': `compute ${version}` },
    ...defined({ body }),
  })

let id = ''

test('a group is made, listed by name, shown, changed', async () => {
  const made = await call('POST', '/os-security-groups', { security_group: { name: 'web', description: 'd' } })
  assert.equal(made.status, 200)
  id = made.body.security_group.id
  assert.deepEqual(made.body.security_group, { id, name: 'web', description: 'd', tenant_id: 'p1', rules: [] })
  assert.deepEqual(
    (await call('GET', '/os-security-groups')).body.security_groups.map((group: any) => group.name),
    ['default', 'web'],
  )
  assert.equal(
    (await call('PUT', `/os-security-groups/${id}`, { security_group: { name: 'www', description: 'e' } })).body.security_group.name,
    'www',
  )
  assert.equal((await call('PUT', `/os-security-groups/${id}`, { security_group: { name: 'www' } })).status, 400)
  assert.equal((await call('POST', '/os-security-groups', { security_group: { name: 'x'.repeat(256), description: '' } })).status, 400)
  assert.equal((await call('POST', '/os-security-groups', {})).status, 400)
  assert.equal((await call('GET', '/os-security-groups/x')).status, 400)
  assert.equal((await call('GET', '/os-security-groups/11111111-1111-4111-8111-111111111111')).status, 404)
  assert.equal((await call('GET', '/os-security-groups', undefined, '2.36')).status, 404)
})

test('a rule lets in an address range or a group', async () => {
  const rule = (given: object) => call('POST', '/os-security-group-rules', { security_group_rule: { parent_group_id: id, ...given } })
  const tcp = await rule({ ip_protocol: 'tcp', from_port: '22', to_port: 22 })
  assert.equal(tcp.status, 200)
  assert.deepEqual(tcp.body.security_group_rule, {
    id: tcp.body.security_group_rule.id,
    parent_group_id: id,
    ip_protocol: 'tcp',
    from_port: 22,
    to_port: 22,
    group: {},
    ip_range: { cidr: '0.0.0.0/0' },
  })
  assert.equal((await rule({ ip_protocol: 'tcp', from_port: 22, to_port: 22 })).status, 400)
  const grouped = await rule({ ip_protocol: 'udp', from_port: 1, to_port: 9, group_id: id })
  assert.deepEqual(
    [grouped.body.security_group_rule.group, grouped.body.security_group_rule.ip_range],
    [{ name: 'www', tenant_id: 'p1' }, {}],
  )
  assert.equal((await rule({ ip_protocol: 'icmp', from_port: -1, to_port: -1, cidr: '10.0.0.0/8' })).body.security_group_rule.from_port, -1)
  for (const bad of [
    {},
    { ip_protocol: 'bogus', from_port: 1, to_port: 2 },
    { ip_protocol: 'tcp', from_port: 3, to_port: 2 },
    { ip_protocol: 'tcp', from_port: 'a', to_port: 2 },
    { ip_protocol: 'tcp', from_port: 1, to_port: 65536 },
    { ip_protocol: 'tcp', from_port: 1, to_port: 2, cidr: 'junk' },
    { ip_protocol: 'tcp', from_port: 1, to_port: 2, cidr: '10.0.0.0/0' },
    { ip_protocol: 'tcp', from_port: 1, to_port: 2, group_id: 'x' },
    { parent_group_id: 'x' },
  ])
    assert.equal((await rule(bad)).status, 400, JSON.stringify(bad))
  assert.equal((await call('GET', `/os-security-groups/${id}`)).body.security_group.rules.length, 3)
  assert.equal((await call('DELETE', `/os-security-group-rules/${tcp.body.security_group_rule.id}`)).status, 202)
  assert.equal((await call('DELETE', `/os-security-group-rules/${tcp.body.security_group_rule.id}`)).status, 404)
  assert.equal((await call('DELETE', '/os-security-group-rules/x')).status, 400)
})

test('the default group stays', async () => {
  const fallback = (await call('GET', '/os-security-groups')).body.security_groups[0].id
  assert.equal((await call('DELETE', `/os-security-groups/${fallback}`)).status, 400)
  assert.equal((await call('DELETE', `/os-security-groups/${id}`)).status, 202)
  assert.equal((await call('GET', `/os-security-groups/${id}`)).status, 404)
})
