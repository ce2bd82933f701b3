import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())
const refused = async (status: number, type: string, answer: Promise<{ status: number; body: any }>) => {
  const { status: got, body } = await answer
  assert.deepEqual([got, body?.NeutronError?.type], [status, type], JSON.stringify(body))
  return body.NeutronError.message as string
}

test('a network has Neutron’s defaults, and a member does not see its provider attributes', async () => {
  const made = await api.make('/networks', 'network', { name: 'n1' })
  assert.deepEqual(
    [made.mtu, made.status, made.shared, made['router:external'], made.port_security_enabled, made.subnets],
    [1450, 'ACTIVE', false, false, true, []],
  )
  assert.equal('provider:network_type' in made, false)
  const { body } = await api.ask('GET', `/networks/${made.id}`, undefined, 'admin@p2')
  assert.equal(body.network['provider:network_type'], 'vxlan')
  assert.ok(body.network['provider:segmentation_id'] > 0)
})

test('another project’s network is not found, shared or external ones are seen', async () => {
  const own = await api.make('/networks', 'network', { name: 'own' })
  await refused(404, 'NetworkNotFound', api.ask('GET', `/networks/${own.id}`, undefined, 'member@p2'))
  await refused(404, 'NetworkNotFound', api.ask('DELETE', `/networks/${own.id}`, undefined, 'member@p2'))
  await refused(404, 'NetworkNotFound', api.ask('POST', '/ports', { port: { network_id: own.id } }, 'member@p2'))
  const shared = await api.make('/networks', 'network', { name: 'shared', shared: true }, 'admin@p1')
  const seen = await api.ask('GET', '/networks?shared=true', undefined, 'member@p2')
  assert.deepEqual(
    seen.body.networks.map((network: any) => network.id),
    [shared.id],
  )
  await refused(403, 'PolicyNotAuthorized', api.ask('DELETE', `/networks/${shared.id}`, undefined, 'member@p2'))
  await refused(
    409,
    'InvalidSharedSetting',
    (async () => {
      await api.make('/ports', 'port', { network_id: shared.id }, 'member@p2')
      return api.ask('PUT', `/networks/${shared.id}`, { network: { shared: false } }, 'admin@p1')
    })(),
  )
})

test('attributes that a rule guards are refused, a reader may not create', async () => {
  await refused(403, 'PolicyNotAuthorized', api.ask('POST', '/networks', { network: { shared: true } }))
  await refused(403, 'PolicyNotAuthorized', api.ask('POST', '/networks', { network: { 'provider:network_type': 'vxlan' } }))
  await refused(403, 'PolicyNotAuthorized', api.ask('POST', '/networks', { network: {} }, 'reader@p1'))
  await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { network: { project_id: 'p2' } }))
  // to say the default is no privilege
  await api.make('/networks', 'network', { shared: false, 'router:external': false })
})

test('what cannot be is refused in Neutron’s words', async () => {
  assert.equal(
    await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { network: { foo: 1 } })),
    "Unrecognized attribute(s) 'foo'",
  )
  assert.equal(
    await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { network: { status: 'ACTIVE' } })),
    "Attribute 'status' not allowed in POST",
  )
  assert.equal(
    await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { network: { name: 5 } })),
    "Invalid input for name. Reason: '5' is not a valid string.",
  )
  assert.equal(await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', {})), "Unable to find 'network' in request body")
  assert.equal(await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { networks: [] })), 'Resources required')
  await refused(400, 'InvalidInput', api.ask('POST', '/networks', { network: { admin_state_up: 'maybe' } }))
  await refused(404, 'AvailabilityZoneNotFound', api.ask('POST', '/networks', { network: { availability_zone_hints: ['zz'] } }))
  await refused(400, 'HTTPBadRequest', api.ask('GET', '/networks?foo=bar'))
  await refused(400, 'BadRequest', api.ask('GET', '/networks?limit=-1'))
})

test('segments are taken once: numbers that were asked for, flat networks, and those that were chosen', async () => {
  const vxlan = { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 4242 }
  const made = await api.make('/networks', 'network', vxlan, 'admin@p1')
  await refused(409, 'TunnelIdInUse', api.ask('POST', '/networks', { network: vxlan }, 'admin@p1'))
  assert.equal((await api.ask('DELETE', `/networks/${made.id}`, undefined, 'admin@p1')).status, 204)
  await api.make('/networks', 'network', vxlan, 'admin@p1')
  const flat = { 'provider:network_type': 'flat', 'provider:physical_network': 'public' }
  await api.make('/networks', 'network', flat, 'admin@p1')
  await refused(409, 'FlatNetworkInUse', api.ask('POST', '/networks', { network: flat }, 'admin@p1'))
  await refused(
    400,
    'InvalidInput',
    api.ask('POST', '/networks', { network: { 'provider:network_type': 'flat', 'provider:physical_network': 'nope' } }, 'admin@p1'),
  )
})

test('bulk create makes all or none, pages follow one another both ways, fields choose', async () => {
  const as = 'member@pages'
  const bulk = await api.ask('POST', '/networks', { networks: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })) }, as)
  assert.equal(bulk.status, 201)
  await refused(400, 'HTTPBadRequest', api.ask('POST', '/networks', { networks: [{ name: 'f' }, { name: 7 }] }, as))
  const names: string[] = []
  let path: string | undefined = '/networks?limit=2&shared=false&sort_key=name&sort_dir=desc&fields=name&fields=id'
  while (path) {
    const { body }: { body: any } = await api.ask('GET', path, undefined, as)
    for (const network of body.networks) assert.deepEqual(Object.keys(network).sort(), ['id', 'name'])
    names.push(...body.networks.map((network: any) => network.name))
    path = body.networks_links?.find((link: any) => link.rel === 'next')?.href.split('/v2.0')[1]
  }
  assert.deepEqual(names, ['e', 'd', 'c', 'b', 'a'])
  const last = (await api.ask('GET', '/networks?name=e', undefined, as)).body.networks[0]
  const back = await api.ask('GET', `/networks?limit=2&shared=false&sort_key=name&marker=${last.id}&page_reverse=True`, undefined, as)
  assert.deepEqual(
    back.body.networks.map((network: any) => network.name),
    ['c', 'd'],
  )
  const either = await api.ask('GET', '/networks?name=a&name=c', undefined, as)
  assert.equal(either.body.networks.length, 2)
})

test('If-Match refuses a change of what has changed meanwhile', async () => {
  const made = await api.make('/networks', 'network', { name: 'revised' })
  const change = (revision: number) =>
    api.cloud.request('PUT', `/network/v2.0/networks/${made.id}`, {
      as: 'member@p1',
      body: { network: { name: 'x' } },
      headers: { 'if-match': `revision_number=${revision}` },
    })
  assert.equal((await change(made.revision_number)).status, 200)
  assert.equal((await change(made.revision_number)).status, 412)
})

test('attack-25: tags are for who may change the resource; unknown resources and rules deny', async () => {
  const own = await api.make('/networks', 'network', { name: 'tagged' })
  assert.deepEqual((await api.ask('PUT', `/networks/${own.id}/tags`, { tags: ['red', 'blue'] })).body, { tags: ['red', 'blue'] })
  assert.equal((await api.ask('PUT', `/networks/${own.id}/tags/green`)).status, 201)
  await refused(404, 'TagResourceNotFound', api.ask('PUT', `/networks/${own.id}/tags`, { tags: ['mine'] }, 'member@p2'))
  await refused(403, 'PolicyNotAuthorized', api.ask('DELETE', `/networks/${own.id}/tags`, undefined, 'reader@p1'))
  const shared = await api.make('/networks', 'network', { name: 'shared2', shared: true }, 'admin@p1')
  await refused(403, 'PolicyNotAuthorized', api.ask('PUT', `/networks/${shared.id}/tags/x`, undefined, 'member@p2'))
  assert.equal((await api.ask('PUT', `/foos/${own.id}/tags`, { tags: [] })).status, 404)
  assert.equal((await api.ask('GET', '/networks?tags=red,green')).body.networks.length, 1)
  assert.equal((await api.ask('GET', '/networks?tags=RED')).body.networks.length, 0)
  assert.equal((await api.ask('GET', '/networks?tags-any=nope,blue&name=tagged')).body.networks.length, 1)
  assert.equal((await api.ask('GET', '/networks?not-tags=red&name=tagged')).body.networks.length, 0)
  const ctx = api.cloud.systemContext()
  assert.equal(ctx.allows({}, 'update_network_that_does_not_exist'), false)
})

test('attack-27: no list shows another project’s rows, whatever filter is sent', async () => {
  const foreign = await api.make('/networks', 'network', { name: 'secret' }, 'member@victim')
  await api.make('/subnets', 'subnet', { network_id: foreign.id, ip_version: 4, cidr: '10.66.0.0/24' }, 'member@victim')
  await api.make('/ports', 'port', { network_id: foreign.id }, 'member@victim')
  await api.make('/routers', 'router', { name: 'secret' }, 'member@victim')
  for (const collection of [
    'networks',
    'subnets',
    'ports',
    'routers',
    'security-groups',
    'security-group-rules',
    'floatingips',
    'subnetpools',
  ]) {
    for (const query of ['', '?project_id=victim', '?tenant_id=victim', '?project_id=victim&project_id=thief']) {
      const { status, body } = await api.ask('GET', `/${collection}${query}`, undefined, 'member@thief')
      assert.equal(status, 200)
      const rows = body[collection.replaceAll('-', '_')] as any[]
      assert.deepEqual(
        rows.filter((row) => row.project_id === 'victim'),
        [],
        `${collection}${query}`,
      )
    }
  }
})

test('quotas count rows and refuse beyond the limit', async () => {
  await api.ask('PUT', '/quotas/small', { quota: { network: 2 } }, 'admin@p1')
  await refused(403, 'PolicyNotAuthorized', api.ask('PUT', '/quotas/small', { quota: { network: 9 } }, 'member@small'))
  await refused(403, 'PolicyNotAuthorized', api.ask('GET', '/quotas/small', undefined, 'member@p2'))
  await api.make('/networks', 'network', {}, 'member@small')
  await refused(409, 'OverQuota', api.ask('POST', '/networks', { networks: [{}, {}] }, 'member@small'))
  await api.make('/networks', 'network', {}, 'member@small')
  await refused(409, 'OverQuota', api.ask('POST', '/networks', { network: {} }, 'member@small'))
  const { body } = await api.ask('GET', '/quotas/small/details.json', undefined, 'member@small')
  assert.deepEqual(body.quota.network, { limit: 2, used: 2, reserved: 0 })
  assert.equal((await api.ask('DELETE', '/quotas/small', undefined, 'admin@p1')).status, 204)
  await api.make('/networks', 'network', {}, 'member@small')
})

test('RBAC shares a network with one project and no other', async () => {
  const own = await api.make('/networks', 'network', { name: 'for p2' })
  const rule = await api.make('/rbac-policies', 'rbac_policy', {
    object_type: 'network',
    object_id: own.id,
    action: 'access_as_shared',
    target_tenant: 'p2',
  })
  assert.equal((await api.ask('GET', `/networks/${own.id}`, undefined, 'member@p2')).body.network.shared, true)
  assert.equal((await api.ask('GET', `/networks/${own.id}`, undefined, 'member@p3')).status, 404)
  await refused(
    403,
    'PolicyNotAuthorized',
    api.ask('POST', '/rbac-policies', {
      rbac_policy: { object_type: 'network', object_id: own.id, action: 'access_as_shared', target_tenant: '*' },
    }),
  )
  await refused(
    409,
    'DuplicateRbacPolicy',
    api.ask('POST', '/rbac-policies', {
      rbac_policy: { object_type: 'network', object_id: own.id, action: 'access_as_shared', target_tenant: 'p2' },
    }),
  )
  await refused(
    404,
    'NetworkNotFound',
    api.ask(
      'POST',
      '/rbac-policies',
      { rbac_policy: { object_type: 'network', object_id: own.id, action: 'access_as_shared', target_tenant: 'p3' } },
      'member@p3',
    ),
  )
  assert.equal((await api.ask('DELETE', `/rbac-policies/${rule.id}`)).status, 204)
  assert.equal((await api.ask('GET', `/networks/${own.id}`, undefined, 'member@p2')).status, 404)
})

test('the version documents need no token, everything else does', async () => {
  const root = await api.cloud.request('GET', '/network/')
  assert.equal(root.body.versions[0].id, 'v2.0')
  assert.equal((await api.cloud.request('GET', '/network/v2.0/')).status, 200)
  assert.equal((await api.cloud.request('GET', '/network/v2.0/networks')).status, 401)
})
