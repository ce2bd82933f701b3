// What is announced is there: every extension's operations exist, and each microversion that changes something here has changed it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { volumeDomain } from './domain.ts'
import { until } from '../../test/support/until.ts'

let cloud: TestCloud
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  await until(async () => (await ask('GET', '/os-services', admin)).body.services.length >= 2)
})
after(() => cloud.stop())
const { ask, act, volume, snapshot, show } = volumeClient(() => cloud)
const admin = { as: 'admin@p1' }
const operations = volumeDomain.services[0]?.operations ?? []

/** By alias: a path, an action, or an attribute of a volume or snapshot as an admin sees it. */
const promised: Record<string, string> = {
  'os-vol-image-meta': 'action os-set_image_metadata',
  'os-used-limits': 'path /limits',
  'os-admin-actions': 'action os-reset_status',
  'os-types-extra-specs': 'path /types/:id/extra_specs',
  encryption: 'path /types/:id/encryption',
  'os-volume-encryption-metadata': 'path /volumes/:id/encryption',
  'os-snapshot-actions': 'action os-update_snapshot_status',
  'os-quota-sets': 'path /os-quota-sets/:target',
  'os-volume-actions': 'action os-extend',
  'os-quota-class-sets': 'path /os-quota-class-sets/:target',
  'os-availability-zone': 'path /os-availability-zone',
  'os-volume-type-access': 'path /types/:id/os-volume-type-access',
  'os-services': 'path /os-services',
  'os-hosts': 'path /os-hosts',
  'os-types-manage': 'path /types',
  'os-extended-snapshot-attributes': 'snapshot os-extended-snapshot-attributes:progress',
  'qos-specs': 'path /qos-specs',
  'os-vol-host-attr': 'volume os-vol-host-attr:host',
  'scheduler-stats': 'path /scheduler-stats/get_pools',
  'os-vol-mig-status-attr': 'volume os-vol-mig-status-attr:migstat',
  'os-volume-transfer': 'path /os-volume-transfer',
  'os-vol-tenant-attr': 'volume os-vol-tenant-attr:tenant_id',
  'OS-SCH-HNT': 'body OS-SCH-HNT:scheduler_hints',
  'os-extended-services': 'action of services disable-log-reason',
  'os-volume-manage': 'path /os-volume-manage',
  'os-volume-unmanage': 'action os-unmanage',
  'os-snapshot-manage': 'path /os-snapshot-manage',
  'os-snapshot-unmanage': 'action os-unmanage',
  capabilities: 'path /capabilities/:host',
}

test('clients 16 every extension that is listed is there', async () => {
  const id = await volume()
  const shown = { volume: await show(id), snapshot: (await ask('GET', `/snapshots/${await snapshot(id)}`, admin)).body.snapshot }
  const { extensions } = (await ask('GET', '/extensions')).body
  assert.deepEqual(extensions.map(({ alias }: { alias: string }) => alias).sort(), Object.keys(promised).sort())
  for (const [alias, what] of Object.entries(promised)) {
    const [kind = '', name = ''] = what.split(/ (.*)/s)
    if (kind === 'path')
      assert.ok(
        operations.some(({ path }) => path === name),
        alias,
      )
    else if (kind === 'action')
      assert.ok(
        operations.some((each) => each.action === name || each.path.endsWith(name.split(' ').at(-1) ?? '')),
        alias,
      )
    else if (kind === 'body')
      assert.equal((await ask('POST', '/volumes', { body: { volume: { size: 1 }, [name]: {} } })).status, 202, alias)
    else assert.ok(name in shown[kind as 'volume'], alias)
  }
})

/** The first microversion of each path and action, of those that came later. */
const since: [string, string, string][] = [
  ['3.3', 'GET', '/messages'],
  ['3.7', 'GET', '/clusters'],
  ['3.8', 'GET', '/manageable_volumes?host=host1'],
  ['3.8', 'GET', '/manageable_snapshots?host=host1'],
  ['3.11', 'GET', '/group_types'],
  ['3.12', 'GET', '/volumes/summary'],
  ['3.13', 'GET', '/groups'],
  ['3.14', 'GET', '/group_snapshots'],
  ['3.27', 'GET', '/attachments'],
  ['3.33', 'GET', '/resource_filters'],
  ['3.55', 'GET', '/volume-transfers'],
  ['3.62', 'GET', '/default-types'],
]
const attributes: [string, 'volume' | 'snapshot', string][] = [
  ['3.13', 'volume', 'group_id'],
  ['3.14', 'snapshot', 'group_snapshot_id'],
  ['3.21', 'volume', 'provider_id'],
  ['3.41', 'snapshot', 'user_id'],
  ['3.48', 'volume', 'shared_targets'],
  ['3.48', 'volume', 'service_uuid'],
  ['3.61', 'volume', 'cluster_name'],
  ['3.63', 'volume', 'volume_type_id'],
  ['3.65', 'volume', 'consumes_quota'],
  ['3.65', 'snapshot', 'consumes_quota'],
]
const before_ = (version: string) => `3.${Number(version.split('.')[1]) - 1}`

test('clients 16 each microversion brings what it says, and not one earlier', async () => {
  for (const [version, method, path] of since) {
    assert.equal((await ask(method, path, { ...admin, version })).status, 200, `${path} at ${version}`)
    assert.equal((await ask(method, path, { ...admin, version: before_(version) })).status, 404, `${path} before ${version}`)
  }
  const id = await volume()
  const of = await snapshot(id)
  const shown = { volume: `/volumes/${id}`, snapshot: `/snapshots/${of}` }
  for (const [version, kind, name] of attributes) {
    assert.ok(name in (await ask('GET', shown[kind], { ...admin, version })).body[kind], `${name} at ${version}`)
    assert.equal(
      name in (await ask('GET', shown[kind], { ...admin, version: before_(version) })).body[kind],
      false,
      `${name} before ${version}`,
    )
  }
  const changes: Record<string, (version: string) => Promise<boolean>> = {
    '3.1': async (version) =>
      (await act(id, { 'os-volume_upload_image': { image_name: 'i', visibility: 'no-such' } }, { version })).text.includes('no-such'),
    '3.2': async (version) => (await ask('GET', '/volumes?bootable=maybe', { version })).status === 400,
    '3.24': async (version) => (await ask('POST', '/workers/cleanup', { ...admin, body: {}, version })).status === 202,
    '3.26': async (version) => (await ask('PUT', '/os-services/failover', { ...admin, body: { host: 'host1' }, version })).status === 400,
    '3.31': async (version) => (await ask('GET', '/volumes?nonsense=1', { version })).status === 400,
    '3.34': async (version) => (await ask('GET', '/volumes?name~=x', { version })).status === 200,
    '3.36': async (version) => 'metadata' in (await ask('GET', '/volumes/summary', { version })).body['volume-summary'],
    '3.40': async (version) => (await act(id, { revert: { snapshot_id: id } }, { version })).text.includes('latest'),
    '3.45': async (version) => 'count' in (await ask('GET', '/snapshots?with_count=1', { ...admin, version })).body,
    '3.49': async (version) =>
      'backend_state' in (await ask('GET', '/os-services?binary=cinder-volume', { ...admin, version })).body.services[0],
    '3.53': async (version) => (await ask('PUT', `/volumes/${id}`, { body: { volume: {} }, version })).status === 400,
    '3.57': async (version) => {
      const { id: transfer, ...offer } = (
        await ask('POST', version === '3.54' ? '/os-volume-transfer' : '/volume-transfers', {
          body: { transfer: { volume_id: extra } },
          version,
        })
      ).body.transfer
      await ask('DELETE', `/os-volume-transfer/${transfer}`)
      return 'accepted' in offer
    },
    '3.66': async (version) =>
      (await ask('POST', '/snapshots', { body: { snapshot: { volume_id: id, force: false, name: 'x' } }, version })).status === 400,
    '3.68': async (version) => (await act(id, { 'os-reimage': { image_id: id } }, { version })).status === 404,
    '3.71': async (version) =>
      (await act(id, { 'os-extend_volume_completion': {} }, { ...admin, version })).text.includes('not being extended'),
  }
  const extra = await volume()
  for (const [version, holds] of Object.entries(changes)) {
    assert.equal(await holds(version), true, `at ${version}`)
    assert.equal(await holds(before_(version)), false, `before ${version}`)
  }
  const { version, min_version } = (await cloud.request('GET', '/volume/v3/')).body.versions[0]
  assert.deepEqual([version, min_version], ['3.71', '3.0'])
})
