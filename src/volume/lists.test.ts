// How lists of this service read their queries: words, times, sorts, filters, in every spelling that Cinder takes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())
const { ask, act, volume, snapshot, show, type } = volumeClient(() => cloud)

const list = async (path: string, query: Record<string, string>, options: { as?: string; version?: string } = {}) => {
  const answer = await ask('GET', `${path}?${new URLSearchParams(query).toString()}`, options)
  assert.equal(answer.status, 200, `${path} ${JSON.stringify(query)}: ${answer.text}`)
  const [key] = Object.keys(answer.body)
  return answer.body[key ?? ''].map((each: { name: string; id: string }) => each.name ?? each.id).sort() as string[]
}
const status = async (path: string, query: Record<string, string>, options: { as?: string; version?: string } = {}) =>
  (await ask('GET', `${path}?${new URLSearchParams(query).toString()}`, options)).status
const admin = { as: 'admin@p1' }
const yes = ['1', 't', 'true', 'True', 'TRUE', 'on', 'ON', 'y', 'Y', 'yes', 'Yes']
const no = ['0', 'f', 'false', 'False', 'FALSE', 'off', 'n', 'no', 'No']
const neither = ['', 'maybe', '2', 'null', 'None', 'truee']

test('clients 4 access to a type is given to what may be a project’s id', async () => {
  const made = (
    await ask('POST', '/types', { ...admin, body: { volume_type: { name: 'given', 'os-volume-type-access:is_public': false } } })
  ).body.volume_type
  for (const action of ['addProjectAccess', 'removeProjectAccess']) {
    for (const project of ['a b', '', 'a/b', 7])
      assert.equal((await ask('POST', `/types/${made.id}/action`, { ...admin, body: { [action]: { project } } })).status, 400)
  }
  assert.equal((await ask('DELETE', `/types/${made.id}`, admin)).status, 202)
})

test('clients 6 is_public of volume types and group types: both, one, the other, or a 400', async () => {
  await type('private', { 'os-volume-type-access:is_public': false })
  for (const [name, is_public] of [
    ['open', true],
    ['closed', false],
  ] as const)
    await ask('POST', '/group_types', { ...admin, body: { group_type: { name, is_public } } })
  for (const [path, shown, hidden] of [
    ['/types', '__DEFAULT__', 'private'],
    ['/group_types', 'open', 'closed'],
  ] as const) {
    for (const none of ['none', 'None', 'NONE', 'nOnE'])
      assert.deepEqual(await list(path, { is_public: none }, admin), [shown, hidden].sort(), none)
    for (const word of yes) assert.deepEqual(await list(path, { is_public: word }, admin), [shown], word)
    for (const word of no) assert.deepEqual(await list(path, { is_public: word }, admin), [hidden], word)
    for (const word of ['', 'maybe', '2', 'null']) assert.equal(await status(path, { is_public: word }, admin), 400, word)
    assert.deepEqual(await list(path, {}, admin), [shown])
    // members see what is for them, whatever they ask
    for (const word of ['none', 'false', 'maybe']) assert.deepEqual(await list(path, { is_public: word }), [shown])
  }
  const id = (await ask('GET', '/types?is_public=none', admin)).body.volume_types.find((each: any) => each.name === 'private').id
  assert.equal((await ask('POST', `/types/${id}/action`, { ...admin, body: { addProjectAccess: { project: 'p1' } } })).status, 202)
  assert.deepEqual(await list('/types', {}), ['__DEFAULT__', 'private'])
  assert.deepEqual(await list('/types', { is_public: 'true' }, admin), ['__DEFAULT__', 'private'])
  await ask('DELETE', `/types/${id}`, admin)
})

test('clients 6 volume types by name and by extra specs, whole pages of them', async () => {
  for (const [name, specs] of [
    ['fast', { multiattach: '<is> True', disk: 'ssd' }],
    ['slow', { disk: 'tape' }],
    ['slower', { disk: 'tape' }],
  ] as const)
    await type(name, { extra_specs: specs })
  assert.deepEqual(await list('/types', { name: 'FAST' }, admin), ['fast'])
  assert.equal(await status('/types', { name: 'fast' }), 400)
  assert.deepEqual(await list('/types', { name: 'fast' }, { version: '3.0' }), ['__DEFAULT__', 'fast', 'slow', 'slower'])
  assert.deepEqual(await list('/types', { nonsense: 'x' }, admin), [])
  assert.deepEqual(await list('/types', { extra_specs: "{'disk': 'tape'}", limit: '1', sort: 'name:asc' }, admin), ['slow'])
  assert.deepEqual(await list('/types', { extra_specs: "{'disk': 'tape'}" }), [], 'a spec that is not for members')
  assert.deepEqual(await list('/types', { extra_specs: "{'multiattach': '<is> True'}" }), ['fast'])
  for (const text of ['disk', '{"a":', "['disk']"]) assert.equal(await status('/types', { extra_specs: text }, admin), 400, text)
})

test('clients 6 booleans of lists of volumes and snapshots', async () => {
  const [plain, bootable] = [await volume({ name: 'plain' }), await volume({ name: 'bootable' })]
  await act(bootable, { 'os-set_bootable': { bootable: true } })
  await snapshot(plain, { name: 'shot' })
  await volume({ name: 'other' }, { as: 'member@p2' })
  for (const word of yes) {
    assert.deepEqual(await list('/volumes', { bootable: word }), ['bootable'], word)
    assert.deepEqual(await list('/volumes', { all_tenants: word }, admin), ['bootable', 'other', 'plain'], word)
    assert.equal((await ask('GET', `/volumes?with_count=${word}`)).body.count, 2)
    assert.deepEqual(await list('/snapshots', { consumes_quota: word }), ['shot'])
  }
  for (const word of no) {
    assert.deepEqual(await list('/volumes', { bootable: word }), ['plain'], word)
    assert.deepEqual(await list('/volumes', { all_tenants: word }, admin), ['bootable', 'plain'], word)
    assert.deepEqual(await list('/volumes', { consumes_quota: word }), [])
    assert.equal('count' in (await ask('GET', `/volumes?with_count=${word}`)).body, false)
  }
  for (const word of neither) {
    for (const name of ['bootable', 'with_count', 'consumes_quota'])
      assert.equal(await status('/volumes', { [name]: word }), 400, `${name}=${word}`)
    for (const name of ['with_count', 'consumes_quota']) assert.equal(await status('/snapshots', { [name]: word }), 400, `${name}=${word}`)
    assert.equal(await status('/volumes', { all_tenants: word }, admin), 400, word)
    assert.equal(await status('/volumes', { all_tenants: word }), 200, 'a member asks for nothing by it')
    assert.deepEqual(await list('/snapshots', { all_tenants: word }, admin), ['shot'])
    assert.deepEqual(await list('/volumes', { bootable: word }, { version: '3.1' }), [word === '' ? 'plain' : 'bootable'])
  }
  assert.equal(await status('/volumes', { with_count: 'true' }, { version: '3.44' }), 400, 'not known before 3.45')
  assert.equal((await ask('GET', '/snapshots?with_count=on')).body.count, 1)
  for (const [path, name] of [
    [`/volumes/${plain}`, 'cascade'],
    [`/volumes/${plain}`, 'force'],
  ])
    assert.equal((await ask('DELETE', `${path}?${name}=maybe`, admin)).status, 400)
  assert.equal(await status('/os-quota-sets/p1', { usage: 'maybe' }), 400)
  assert.equal(await status('/scheduler-stats/get_pools', { detail: 'maybe' }, admin), 400)
})

test('clients 6 filters of volumes: texts in any case, metadata, several values, None, what is not known', async () => {
  const [one, two] = [
    await volume({ name: 'Mixed Case', metadata: { Kind: 'odd', other: `it's "x"` } }),
    await volume({ name: "['a']", size: 2 }),
  ]
  await act(one, { 'os-update_readonly_flag': { readonly: true } })
  const found = async (query: Record<string, string>, as = 'member@p1') =>
    (await list('/volumes/detail', query, { as })).filter((name) => name === 'Mixed Case' || name === "['a']")
  assert.deepEqual(await found({ name: 'mixed case' }), ['Mixed Case'])
  assert.deepEqual(await found({ name: "['a']" }), ["['a']"], 'a name is no list')
  assert.deepEqual(await found({ 'name~': 'CASE' }), ['Mixed Case'])
  assert.equal(await status('/volumes', { 'name~': 'x' }, { version: '3.33' }), 400)
  assert.deepEqual(await found({ status: 'AVAILABLE', size: '2' }), ["['a']"])
  assert.deepEqual(await found({ status: "['error', 'available']" }), ['Mixed Case', "['a']"])
  for (const nobody of [
    { size: 'abc' },
    { status: 'no-such' },
    { metadata: 'nonsense' },
    { metadata: "['Kind']" },
    { group_id: 'x' },
    { migration_status: 'error' },
  ])
    assert.deepEqual(await found(nobody), [], JSON.stringify(nobody))
  assert.deepEqual(await found({ migration_status: 'None', group_id: 'None' }), ['Mixed Case', "['a']"])
  assert.deepEqual(await found({ metadata: `{'Kind': 'odd', 'other': 'it\\'s "x"'}` }), ['Mixed Case'])
  assert.deepEqual(await found({ metadata: "{'readonly': 'True'}" }), ['Mixed Case'])
  assert.deepEqual(await found({ metadata: '{}' }), ['Mixed Case', "['a']"])
  for (const name of ['nonsense', 'host', 'project_id', 'multiattach', 'constructor', '__proto__', 'toString', 'nova']) {
    assert.equal(await status('/volumes', { [name]: 'x' }), 400, name)
    assert.equal(await status('/volumes', { [name]: 'x' }, { version: '3.30' }), 200, name)
  }
  assert.equal(await status('/volumes', { é: 'x' }, admin), 400)
  assert.deepEqual(await found({ nonsense: 'x' }, 'admin@p1'), [])
  assert.deepEqual(await found({ constructor: 'x' }, 'admin@p1'), [])
  assert.deepEqual(await found({ host: 'host1@fake#fake', user_id: 'user-p1' }, 'admin@p1'), ['Mixed Case', "['a']"])
  assert.equal((await show(two)).size, 2)
})

test('clients 6 sorts and pages are refused as Cinder refuses them', async () => {
  for (const path of [
    '/volumes',
    '/snapshots',
    '/types',
    '/groups',
    '/group_snapshots',
    '/group_types',
    '/attachments',
    '/messages',
    '/qos-specs',
  ]) {
    const as = { as: 'admin@p1' }
    for (const query of [
      { sort: 'nonsense' },
      { sort: 'id:up' },
      { sort: 'id:ASC' },
      { sort_key: 'id', sort_dir: 'down' },
      { sort: 'id', sort_key: 'id' },
      { sort: '' },
      { limit: 'x' },
      { limit: '-1' },
      { limit: '1.5' },
      { offset: '-1' },
      { offset: '99999999999' },
    ]) {
      assert.equal(await status(path, query as Record<string, string>, as), 400, `${path} ${JSON.stringify(query)}`)
    }
    for (const query of [
      { sort: 'id:asc' },
      { sort: ' id : desc ' },
      { sort: 'id' },
      { sort_key: 'id' },
      { sort_dir: 'asc' },
      { limit: '99999999999' },
      { limit: ' 5 ' },
      { offset: '0' },
    ]) {
      assert.equal(await status(path, query as Record<string, string>, as), 200, `${path} ${JSON.stringify(query)}`)
    }
  }
})

test('clients 7 a volume and a snapshot are found by the times that are shown of them, in every form of a time', async () => {
  const id = await volume({ name: 'timed' })
  const of = await snapshot(id, { name: 'timed-shot' })
  await ask('PUT', `/snapshots/${of}`, { body: { snapshot: { description: 'changed' } } })
  await ask('PUT', `/volumes/${id}`, { body: { volume: { description: 'changed' } } })
  const shown = { '/volumes': await show(id), '/snapshots': (await ask('GET', `/snapshots/${of}`)).body.snapshot }
  for (const [path, row] of Object.entries(shown)) {
    const as = path === '/snapshots' ? 'admin@p1' : 'member@p1'
    for (const column of ['created_at', 'updated_at']) {
      const time: string = row[column]
      const finds = async (query: string) => (await list(path, { [column]: query }, { as })).includes(row.name)
      const inEast = new Date(Date.parse(`${time}Z`) + 7_200_000).toISOString().replace('Z', '+02:00')
      for (const form of [time, time.slice(0, 23), `${time}Z`, `${time}+00:00`, inEast]) {
        for (const operator of ['eq', 'gte', 'lte']) assert.equal(await finds(`${operator}:${form}`), true, `${column}=${operator}:${form}`)
        for (const operator of ['neq', 'gt', 'lt']) assert.equal(await finds(`${operator}:${form}`), false, `${column}=${operator}:${form}`)
      }
      assert.equal(await finds('gt:2020-01-01,gte:2020,lt:2999-01-01T00:00:00'), true)
      for (const bad of [
        time,
        'nonsense',
        'eq:',
        'eq:nonsense',
        'eq:20',
        'eq:01/02/2020',
        'like:2020-01-01',
        'eq:2020-13-45',
        'constructor:2020-01-01',
      ])
        assert.equal(await status(path, { [column]: bad }, { as }), 400, bad)
    }
  }
})

test('clients 8 lists of QoS specs and of group types begin after as many as the offset says', async () => {
  for (const name of ['pass-1', 'pass-2', 'pass-3']) {
    await ask('POST', '/qos-specs', { ...admin, body: { qos_specs: { name } } })
    await ask('POST', '/group_types', { ...admin, body: { group_type: { name } } })
  }
  for (const path of ['/qos-specs', '/group_types']) {
    const all = await list(path, { sort: 'name:asc' }, admin)
    assert.ok(all.length >= 3, path)
    for (const passed of [1, 2])
      assert.deepEqual(await list(path, { sort: 'name:asc', offset: `${passed}` }, admin), all.slice(passed), path)
  }
})
