// The operations service on a whole cloud in memory: a resource's story, also of one that is gone; dead work listed
// and revived; admins only.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { itemFetch } from '../../platform/work/items.ts'
import { until } from '../../../test/support/until.ts'

let servers: ServerCloud
before(async () => void (servers = await startServerCloud()))
after(() => servers.stop())

const ask = (method: string, path: string, { as = 'admin@p1', body }: { as?: string; body?: unknown } = {}) =>
  servers.cloud.request(method, `/operations${path}`, { as, ...defined({ body }) })
const rows = () =>
  servers.cloud.platform.store.as<{
    work_items: {
      id: string
      state: string
      phase: string
      reason: string
      attempts: number
      run_at: number
      deadline_at: number
      lease_until: number
    }
  }>()

/** Work that waits for its time, far away; `change` is what the test wants of its row. */
async function parked(
  resourceId: string,
  change: {
    state?: string
    phase?: string
    reason?: string
    attempts?: number
    most_attempts?: number
    run_at?: number
    deadline_at?: number
  } = {},
  buildLimit = 10,
): Promise<string> {
  const { domains } = await import('../domains.ts')
  const saga = domains.flatMap(({ work }) => work).find(({ name }) => name === 'server-create')
  assert.ok(saga?.kind === 'saga')
  const ctx = Context.ofCloud(servers.cloud.platform, 'a test', 'req-parked')
  const id = await ctx.transaction((tx) =>
    tx.work.enqueue(
      tx,
      saga,
      { serverId: resourceId, id: resourceId, host: 'host1', buildLimit, networks: [], hasVolumes: false },
      { resourceId, delayMs: 3_600_000 },
    ),
  )
  // somebody who is not there holds it: no worker takes it over
  const held = change.state === 'running' ? { lease_until: Number.MAX_SAFE_INTEGER } : {}
  if (Object.keys(change).length > 0)
    await rows()
      .updateTable('work_items')
      .set({ ...change, ...held })
      .where('id', '=', id)
      .execute()
  return id
}

test('why says who asked for what, what was decided on which grounds, and goes on saying it when the server is gone', async () => {
  const id = await servers.boot()
  const alive = await ask('GET', `/why/${id}`)
  assert.equal(alive.status, 200, alive.text)
  assert.deepEqual(alive.body.resource, { type: 'server', id, name: 'server', project_id: 'p1', project_name: null, host: 'host1' })
  assert.deepEqual(alive.body.work, [])
  assert.match(alive.body.text, /create, asked for by user user-p1 \(req-/)
  assert.match(alive.body.text, /schedule: decided: Chose host host1\n +Placement left 1/)
  assert.match(alive.body.text, /weights: host1/)
  await servers.drop(id)
  const gone = await ask('GET', `/why/${id}`)
  assert.equal(gone.status, 200)
  assert.ok(gone.body.timeline.length > alive.body.timeline.length)
  assert.match(gone.body.text, /delete, asked for by .*Nothing is under way for it\.\n$/s)
})

test('why says on which grounds a volume got its host, or none', async () => {
  const made = async (more: object = {}) =>
    (await servers.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1, ...more } } })).volume.id
  const words = async (id: string) => (await ask('GET', `/why/${id}`)).body.text
  assert.match(await words(await made()), /schedule: decided: Chose host host1\n +weights: host1 \d+\n/)
  await servers.api('POST', '/volume/v3/types', {
    as: 'admin@p1',
    body: { volume_type: { name: 'elsewhere', extra_specs: { volume_backend_name: 'elsewhere' } } },
  })
  assert.match(
    await words(await made({ volume_type: 'elsewhere' })),
    /schedule: decided: No storage could be allocated .*\n +capabilities left 0, removed host1\n/,
  )
})

test('an id of which nothing is known is not found', async () => {
  const answer = await ask('GET', '/why/nobody')
  assert.equal(answer.status, 404)
  assert.match(answer.body.itemNotFound.message, /^Nothing is known of nobody/)
})

test('why shows what a resource waits for, without the data of the work', async () => {
  const id = await parked('waiting', { attempts: 3, reason: 'the host is away' })
  const { body, text } = await ask('GET', '/why/waiting')
  assert.equal(body.work[0].id, id)
  assert.match(
    body.text,
    /Under way: server-create at step 'guest' since .* \(req-parked\)\n {2}It runs next at .* \(in 60 min\), attempt 4 of 6\.\n {2}It waits because: the host is away\n {2}It is abandoned at .*, or when a step fails 6 times: then 'guest' is undone/,
  )
  assert.ok(!text.includes('serverId'))
  assert.deepEqual((await ask('GET', '/work?state=ready')).body.work.filter((item: any) => item.id === id).length, 1)
  await rows().deleteFrom('work_items').where('id', '=', id).execute()
})

test('why counts the tries that there are: twelve where the host does not answer, without an end where only a clear no ends it', async () => {
  const id = await parked('unanswered', { attempts: 5, reason: 'host1 does not answer', most_attempts: 12 })
  const text = async () => (await ask('GET', '/why/unanswered')).body.text as string
  assert.match(await text(), /attempt 6 of 12\.\n[^]*or when a step fails 12 times/)
  await rows()
    .updateTable('work_items')
    .set({ name: 'server-delete', step: 0 } as object)
    .where('id', '=', id)
    .execute()
  assert.match(await text(), /attempt 6\.\n/)
  await rows().deleteFrom('work_items').where('id', '=', id).execute()
})

test('a first try that failed is a line of its step, and the instance action knows nothing of it', async () => {
  const id = await servers.boot({ metadata: { 'fake:spawn': 'fail-once:no luck' } })
  assert.match(
    (await ask('GET', `/why/${id}`)).body.text,
    /began on host1\n.*guest: a try FAILED on host1 and is repeated: no luck\n.*done on host1\n/,
  )
  const { instanceActions } = await servers.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.deepEqual(
    instanceActions.map(({ action, message }: any) => [action, message]),
    [['create', null]],
  )
  await servers.drop(id)
})

test('a build that waits for a place on its host says how many are before it', async () => {
  const ids = await Promise.all(['a', 'b'].map((name) => parked(name, { state: 'running' }, 2)))
  ids.push(await parked('c', { run_at: 1 }, 2))
  assert.match((await ask('GET', '/why/c')).body.text, /It waits for its turn: 2 of at most 2 'build\/host1' run now\./)
  await rows().deleteFrom('work_items').where('id', 'in', ids).execute()
})

test('dead work is listed, oldest first, and is revived with a fresh deadline and uncounted tries', async () => {
  const first = await parked('dead1', { state: 'dead', phase: 'undo', reason: 'cannot be undone', attempts: 6, deadline_at: 5 })
  await rows().updateTable('work_items').set({ run_at: 1 }).where('id', '=', first).execute()
  const second = await parked('dead2', { state: 'dead' })
  const listed = await ask('GET', '/work?state=dead')
  assert.deepEqual(
    listed.body.work.map((item: any) => item.id),
    [first, second],
  )
  assert.match((await ask('GET', '/why/dead1')).body.text, /^DEAD: server-create .*\n {2}because: cannot be undone\n/m)
  await servers.cloud.engine.stop() // so that the row can be looked at before it runs
  const answer = await ask('POST', `/work/${first}/retry`)
  assert.equal(answer.status, 202, answer.text)
  const item = await itemFetch(servers.cloud.platform.store, first)
  assert.deepEqual([item?.state, item?.phase, item?.attempts, item?.refusals], ['ready', 'undo', 0, 0])
  assert.ok(item && item.deadline_at > servers.cloud.platform.clock.nowMs())
  assert.match((await ask('GET', '/why/dead1')).body.text, /retry, asked for by user user-p1/)
  assert.equal((await ask('POST', `/work/${first}/retry`)).status, 409, 'it is not dead any more')
  await rows().deleteFrom('work_items').where('id', 'in', [first, second]).execute()
  await servers.cloud.engine.start()
})

test('lists of work come in words too, with the id that retry and cancel want', async () => {
  assert.equal((await ask('GET', '/work')).body.text, 'No work is dead.\n')
  const id = await parked('in-words', { state: 'dead', reason: 'the disk is gone' })
  const { text } = (await ask('GET', '/work')).body
  assert.match(
    text,
    new RegExp(
      `^${id} {2}in-words\n {2}DEAD: server-create at step 'guest' \\(req-parked\\)\n {4}because: the disk is gone\n.*\\./stackling work retry ${id}\n`,
    ),
  )
  assert.match((await ask('GET', '/work?state=ready&limit=1')).body.text, /… and more\n$/)
  await rows().deleteFrom('work_items').where('id', '=', id).execute()
})

test('work that is not there cannot be revived, and a state that does not exist is refused', async () => {
  assert.equal((await ask('POST', '/work/nothing/retry')).status, 404)
  assert.equal((await ask('GET', '/work?state=tired')).status, 400)
})

test('work is listed a page at a time, also when what the last page ended with is gone', async () => {
  const ids: string[] = []
  for (let at = 1; at <= 5; at++) ids.push(await parked(`page${at}`, { state: 'dead', run_at: at < 4 ? 1 : at }))
  const list = async (query: string) => (await ask('GET', `/work?state=dead${query}`)).body
  const whole = (await list('')).work.map((item: any) => item.id)
  assert.deepEqual(whole.toSorted(), ids.toSorted())
  const seen: string[] = []
  let marker: string | null = ''
  while (marker !== null) {
    const { work, next_marker }: { work: { id: string }[]; next_marker: string | null } = await list(
      `&limit=2${marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`}`,
    )
    assert.ok(work.length > 0 && work.length <= 2)
    seen.push(...work.map((item) => item.id))
    await rows()
      .deleteFrom('work_items')
      .where('id', '=', work.at(-1)?.id ?? '')
      .execute()
    marker = next_marker
  }
  assert.deepEqual(seen, whole)
  assert.equal((await ask('GET', '/work?marker=here')).status, 400)
  assert.equal((await ask('GET', '/work?limit=0')).status, 400)
  await rows().deleteFrom('work_items').where('id', 'in', ids).execute()
})

test('a build that is cancelled is undone, and its server and its timeline say who did it and why', async () => {
  const { server } = await servers.api('POST', '/compute/v2.1/servers', { body: servers.server({ metadata: { 'fake:spawn': 'hang' } }) })
  const waits = async () => (await ask('GET', `/why/${server.id}`)).body
  const item = await until(async () => (await waits()).work.find(({ step }: { step: string }) => step === 'guest'))
  const answer = await ask('POST', `/work/${item.id}/cancel`, { body: { reason: 'the host is being moved' } })
  assert.equal(answer.status, 202, answer.text)
  assert.equal(answer.body.work.phase, 'undo')
  const shown = await servers.until(server.id, 'ERROR')
  assert.match(shown.fault.message, /^cancelled by .*: the host is being moved$/)
  assert.match(
    (await waits()).text,
    /cancel, asked for by user user-p1 .*\n.*server-create: began.*: cancelled by .*: the host is being moved/,
  )
  assert.deepEqual(await servers.host.guests.list(), [])
  assert.equal((await ask('POST', `/work/${item?.id}/cancel`)).status, 404)
  await servers.drop(server.id)
})

test('work that is undone already, and work that never ends, cannot be cancelled', async () => {
  const id = await parked('turned', { phase: 'undo' })
  assert.equal((await ask('POST', `/work/${id}/cancel`)).status, 409)
  assert.match((await ask('POST', `/work/${encodeURIComponent('host-network/host1')}/cancel`)).text, /nothing to cancel/)
  await rows().deleteFrom('work_items').where('id', '=', id).execute()
})

test('only an admin may ask', async () => {
  for (const [method, path] of [
    ['GET', '/why/x'],
    ['GET', '/work'],
    ['POST', '/work/x/retry'],
    ['POST', '/work/x/cancel'],
  ] as const) {
    assert.equal((await ask(method, path, { as: 'member@p1' })).status, 403)
  }
})

test('first use 13 why takes names, addresses and every kind of resource, and asks which one is meant', async () => {
  const id = await servers.boot({ name: 'known by name' })
  const words = async (word: string) => {
    const answer = await ask('GET', `/why/${encodeURIComponent(word)}`)
    assert.equal(answer.status, 200, answer.text)
    return answer.body.text as string
  }
  assert.match(await words('known by name'), new RegExp(`^server 'known by name' \\(${id}\\)`))
  const { interfaceAttachments } = await servers.api('GET', `/compute/v2.1/servers/${id}/os-interface`)
  assert.match(
    await words(interfaceAttachments[0].fixed_ips[0].ip_address),
    new RegExp(`^port .*${interfaceAttachments[0].port_id}\\)?\n {2}of server 'known by name' \\(${id}\\), of project`),
  )
  assert.match(await words(servers.flavorId), /^flavor 'small'/)
  assert.match(await words('big'), /^flavor 'big'/)
  assert.match(await words('net'), /^network 'net'/)
  assert.match(await words('image'), /^image 'image'/)
  const { network } = await servers.api('POST', '/network/v2.0/networks', {
    as: 'admin@p1',
    body: { network: { name: 'outside', 'router:external': true } },
  })
  await servers.api('POST', '/network/v2.0/subnets', {
    as: 'admin@p1',
    body: { subnet: { network_id: network.id, ip_version: 4, cidr: '10.84.0.0/24' } },
  })
  const { floatingip: floating } = await servers.api('POST', '/network/v2.0/floatingips', {
    body: { floatingip: { floating_network_id: network.id } },
  })
  assert.match(await words(floating.floating_ip_address), new RegExp(`^floatingip .*${floating.id}`))
  const other = await servers.boot({ name: 'known by name' })
  const several = await words('known by name')
  for (const one of [id, other]) assert.match(several, new RegExp(one))
  await servers.drop(id)
  await servers.drop(other)
})

test('first use 13 why names the resource that was lacking, with what was wanted and what there is', async () => {
  const { flavor } = await servers.api('POST', '/compute/v2.1/flavors', {
    as: 'admin@p1',
    body: { flavor: { name: 'vast', ram: 64, vcpus: 100_000, disk: 1 } },
  })
  const { server } = await servers.api('POST', '/compute/v2.1/servers', { body: servers.server({ flavorRef: flavor.id }) })
  await servers.until(server.id, 'ERROR')
  const { body } = await ask('GET', `/why/${server.id}`)
  assert.match(
    body.text,
    /Placement left 0, removed host1\n +host1 lacks VCPU: 100000 wanted, \d+ free \(\d+ used of 256, counted 16 times\)/,
  )
})

test('first use 15 a resize and an unshelve are one action each, without a create beside it', async () => {
  const id = await servers.boot()
  await servers.act(id, { resize: { flavorRef: servers.bigFlavorId } })
  await servers.until(id, 'VERIFY_RESIZE')
  await servers.act(id, { confirmResize: null })
  await servers.act(id, { shelve: null })
  await servers.until(id, 'SHELVED_OFFLOADED')
  await servers.act(id, { unshelve: null })
  await servers.until(id, 'ACTIVE')
  const { instanceActions } = await servers.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.deepEqual(
    instanceActions.map(({ action }: { action: string }) => action),
    ['unshelve', 'shelve', 'confirmResize', 'resize', 'create'],
  )
  await servers.drop(id)
})
