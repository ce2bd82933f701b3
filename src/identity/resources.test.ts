// The resources of identity through the API: what is refused, what goes along, what the answers look like.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { defined } from '../platform/defined.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud()))
after(() => cloud.stop())

const ask = (method: string, url: string, body?: unknown, as = cloud.admin) => cloud.request(method, v3 + url, { as, ...defined({ body }) })
const status = async (...given: Parameters<typeof ask>) => (await ask(...given)).status
const links = (path: string) => ({ self: `http://127.0.0.1:9000/identity/v3/${path}` })

test('the version documents are Keystone’s', async () => {
  for (const url of ['/identity', '/identity/']) {
    const answer = await cloud.request('GET', url)
    assert.equal(answer.status, 300)
    assert.equal(answer.headers['location'], 'http://127.0.0.1:9000/identity/v3/')
    assert.equal(answer.body.versions.values[0].id, 'v3.14')
  }
  for (const url of [v3, `${v3}/`]) assert.equal((await cloud.request('GET', url)).body.version.status, 'stable')
  const home = await cloud.request('GET', v3, { headers: { accept: 'application/json-home' } })
  assert.equal(home.headers['content-type'], 'application/json-home')
  const { resources } = JSON.parse(home.text)
  const user = resources['https://docs.openstack.org/api/openstack-identity/3/rel/user']
  const variable = 'https://docs.openstack.org/api/openstack-identity/3/param/user_id'
  assert.deepEqual(user, { 'href-template': '/users/{user_id}', 'href-vars': { user_id: variable } })
})

test('clients 6 of a parameter that a query repeats the first counts, whatever it is', async () => {
  await cloud.does('POST', '/projects', { project: { name: 'repeated', tags: ['first'] } })
  const names = async (query: string) => (await cloud.does('GET', `/projects?${query}`)).projects.map((each: any) => each.name)
  for (const query of ['tags=first&tags=second', 'tags-any=first&tags-any=x', 'name=repeated&name=x', 'name=repeated&limit=1&limit=x'])
    assert.deepEqual(await names(query), ['repeated'], query)
})

test('a resource keeps further attributes, and a list filters by what it holds', async () => {
  const { project } = await cloud.does('POST', '/projects', { project: { name: 'kept', colour: 'red', tags: ['a', 'b'] } })
  assert.deepEqual(project, {
    colour: 'red',
    id: project.id,
    name: 'kept',
    domain_id: 'default',
    description: '',
    enabled: true,
    parent_id: 'default',
    is_domain: false,
    tags: ['a', 'b'],
    options: {},
    links: links(`projects/${project.id}`),
  })
  const changed = (await cloud.does('PATCH', `/projects/${project.id}`, { project: { description: 'd', colour: 'blue' } })).project
  assert.deepEqual([changed.description, changed.colour, changed.tags], ['d', 'blue', ['a', 'b']])
  const names = async (query: string) => (await cloud.does('GET', `/projects?${query}`)).projects.map((each: any) => each.name)
  assert.deepEqual(await names('name=kept'), ['kept'])
  assert.deepEqual(await names('name__icontains=EPT'), ['kept'])
  assert.deepEqual(await names('tags=a,b'), ['kept'])
  assert.deepEqual(await names('tags=a,c'), [])
  assert.deepEqual(await names('tags-any=a,c'), ['kept'])
  assert.equal((await names('not-tags-any=a,c')).includes('kept'), false)
  assert.deepEqual(await names('is_domain=true&name=Default'), ['Default'])
})

test('names are unique in their domain, ids do not change, bad bodies are 400', async () => {
  for (const [path, key] of [
    ['projects', 'project'],
    ['users', 'user'],
    ['groups', 'group'],
    ['roles', 'role'],
    ['domains', 'domain'],
  ] as const) {
    const made = (await cloud.does('POST', `/${path}`, { [key]: { name: 'twice' } }))[key]
    assert.equal(await status('POST', `/${path}`, { [key]: { name: 'twice' } }), 409, path)
    for (const wrong of [{}, { name: '' }, { name: '   ' }, { name: 7 }, { name: 'x'.repeat(256) }]) {
      assert.equal(await status('POST', `/${path}`, { [key]: wrong }), 400)
    }
    assert.equal(await status('PATCH', `/${path}/${made.id}`, { [key]: { id: 'other' } }), 400)
    assert.equal(await status('PATCH', `/${path}/${made.id}`, { [key]: {} }), 400)
    assert.equal(await status('GET', `/${path}/nothing`), 404)
    const member = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
    assert.equal(await status('GET', `/${path}/nothing`, undefined, member), 403)
    assert.equal(await status('GET', `/${path}/${made.id}`, undefined, member), 403)
  }
})

test('a project’s place in the tree is checked, shown and protected', async () => {
  const make = async (name: string, parent: string) =>
    (await cloud.does('POST', '/projects', { project: { name, parent_id: parent } })).project.id
  const top = await make('tree', 'default')
  const leaf = await make('tree-leaf', await make('tree-middle', top))
  const shown = (await cloud.does('GET', `/projects/${top}?subtree_as_ids&parents_as_ids`)).project
  assert.deepEqual(shown.parents, { default: null })
  assert.deepEqual(Object.values(shown.subtree), [{ [leaf]: null }])
  assert.equal(await status('DELETE', `/projects/${top}`), 403)
  assert.equal(await status('PATCH', `/projects/${top}`, { project: { enabled: false } }), 403)
  assert.equal(await status('PATCH', `/projects/${leaf}`, { project: { parent_id: top } }), 403)
  assert.equal(await status('POST', '/projects', { project: { name: 'x', parent_id: 'nowhere' } }), 400)
  await make('level-5', await make('level-4', leaf))
  const deep = (await cloud.does('GET', '/projects?name=level-5')).projects[0].id
  assert.equal(await status('POST', '/projects', { project: { name: 'level-6', parent_id: deep } }), 403)
  await cloud.does('PATCH', `/projects/${deep}`, { project: { enabled: false } })
  assert.equal(await status('POST', '/projects', { project: { name: 'x', parent_id: deep } }), 400)
})

test('a disabled domain goes with all that is in it', async () => {
  const { domain } = await cloud.does('POST', '/domains', { domain: { name: 'doomed' } })
  const { user } = await cloud.does('POST', '/users', { user: { name: 'u', domain_id: domain.id } })
  const { group } = await cloud.does('POST', '/groups', { group: { name: 'g', domain_id: domain.id } })
  const { project } = await cloud.does('POST', '/projects', { project: { name: 'p', domain_id: domain.id } })
  assert.equal(await status('DELETE', `/domains/${domain.id}`), 403)
  await cloud.does('PATCH', `/domains/${domain.id}`, { domain: { enabled: false } })
  await cloud.does('DELETE', `/domains/${domain.id}`)
  for (const url of [`/domains/${domain.id}`, `/users/${user.id}`, `/groups/${group.id}`, `/projects/${project.id}`]) {
    assert.equal(await status('GET', url), 404)
  }
})

test('a password is never shown and never kept as it is', async () => {
  const { user } = await cloud.does('POST', '/users', { user: { name: 'shy', password: 'visible-secret', email: 'a@b' } })
  const answers = [JSON.stringify(user), (await ask('GET', `/users/${user.id}`)).text, (await ask('GET', '/users')).text]
  for (const answer of answers) assert.equal(/visible-secret|argon2|password_hash|failures/.test(answer), false)
  assert.deepEqual(Object.keys(user).sort(), ['domain_id', 'email', 'enabled', 'id', 'links', 'name', 'options', 'password_expires_at'])
})

test('the catalog follows services, endpoints and what a project has selected', async () => {
  const { service } = await cloud.does('POST', '/services', { service: { type: 'weather', name: 'w' } })
  await cloud.does('PUT', '/regions/here', { region: {} })
  const place = { service_id: service.id, region_id: 'here' }
  const endpoint = async (body: object) => (await cloud.does('POST', '/endpoints', { endpoint: { ...place, ...body } })).endpoint
  const one = await endpoint({ interface: 'public', url: 'http://w/%(project_id)s' })
  const two = await endpoint({ interface: 'internal', url: 'http://w/$(user_id)s' })
  const { userId, projectId } = await cloud.member('forecaster')
  const token = await cloud.token({ id: userId }, inProject(projectId))
  const seen = async () => {
    const { catalog } = await cloud.does('GET', '/auth/catalog', undefined, token)
    return catalog
      .find((each: any) => each.type === 'weather')
      ?.endpoints.map((each: any) => each.url)
      .sort()
  }
  assert.deepEqual(await seen(), [`http://w/${projectId}`, `http://w/${userId}`].sort())
  await cloud.does('PUT', `/OS-EP-FILTER/projects/${projectId}/endpoints/${two.id}`)
  assert.deepEqual(await seen(), [`http://w/${userId}`])
  const chosen = { endpoint_group: { name: 'p', filters: { interface: 'public' } } }
  const { endpoint_group: group } = await cloud.does('POST', '/OS-EP-FILTER/endpoint_groups', chosen)
  await cloud.does('PUT', `/OS-EP-FILTER/endpoint_groups/${group.id}/projects/${projectId}`)
  assert.deepEqual(await seen(), [`http://w/${projectId}`, `http://w/${userId}`].sort())
  await cloud.does('PATCH', `/endpoints/${one.id}`, { endpoint: { enabled: false } })
  assert.deepEqual(await seen(), [`http://w/${userId}`])
  await cloud.does('DELETE', `/services/${service.id}`)
  assert.equal(await seen(), undefined)
  assert.equal(await status('GET', `/endpoints/${two.id}`), 404)
  assert.equal(await status('POST', '/endpoints', { endpoint: { service_id: 'x', interface: 'public', url: 'http://x' } }), 400)
  assert.equal(await status('DELETE', '/regions/RegionOne'), 403)
})

test('limits need a registered limit, and projects see their own', async () => {
  const { service } = await cloud.does('POST', '/services', { service: { type: 'limited' } })
  const limit = { service_id: service.id, resource_name: 'drops', resource_limit: 3, project_id: cloud.made.demoProjectId }
  assert.equal(await status('POST', '/limits', { limits: [limit] }), 403)
  const {
    registered_limits: [registered],
  } = await cloud.does('POST', '/registered_limits', {
    registered_limits: [{ service_id: service.id, resource_name: 'drops', default_limit: 10 }],
  })
  const {
    limits: [made],
  } = await cloud.does('POST', '/limits', { limits: [limit] })
  assert.equal(await status('POST', '/limits', { limits: [limit] }), 409)
  assert.equal(await status('DELETE', `/registered_limits/${registered.id}`), 403)
  const demo = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  assert.deepEqual(
    (await cloud.does('GET', '/limits', undefined, demo)).limits.map((each: any) => each.id),
    [made.id],
  )
  assert.equal(await status('PATCH', `/limits/${made.id}`, { limit: { resource_limit: 9 } }, demo), 403)
  assert.equal((await cloud.does('PATCH', `/limits/${made.id}`, { limit: { resource_limit: 9 } })).limit.resource_limit, 9)
  await cloud.does('DELETE', `/limits/${made.id}`)
  await cloud.does('DELETE', `/registered_limits/${registered.id}`)
})

test('credentials are sealed in the store and open with the keys of the data directory', async () => {
  const blob = 'a-certificate-or-so'
  const { credential } = await cloud.does('POST', '/credentials', { credential: { type: 'cert', user_id: cloud.made.adminUserId, blob } })
  assert.equal((await cloud.does('GET', `/credentials/${credential.id}`)).credential.blob, blob)
  const tables = cloud.platform.store.as<{ identity_credentials: { encrypted_blob: string } }>()
  const rows = await tables.selectFrom('identity_credentials').selectAll().execute()
  assert.ok(rows.length > 0 && rows.every((row) => !row.encrypted_blob.includes(blob)))
})

test('every change leaves a line in the timeline', async () => {
  const { user } = await cloud.does('POST', '/users', { user: { name: 'watched', password } })
  await cloud.does('PATCH', `/users/${user.id}`, { user: { enabled: false } })
  await cloud.does('DELETE', `/users/${user.id}`)
  const rows = await cloud.platform.store
    .as<{ events: { action: string; resource_id: string; seq: number; user_id: string } }>()
    .selectFrom('events')
    .selectAll()
    .where('resource_id', '=', user.id)
    .orderBy('seq')
    .execute()
  assert.deepEqual(rows.map((row) => row.action).sort(), ['create', 'delete', 'update'])
  assert.ok(rows.every((row) => row.user_id === cloud.made.adminUserId))
})
