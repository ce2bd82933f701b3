// The step of a full disk: what is asked for while nothing can be written, what it is answered, and that all of it works
// when there is room again.
import assert from 'node:assert/strict'
import type { Guest } from '../e2e/guest.ts'
import { cinder, glance, neutron, nova, server, settleLimitMs, untilGone, untilSettled, untilVolume, type RealCloud } from './real-cloud.ts'
import { fillDisk } from './small-disk.ts'
import { untilWithin } from '../support/until.ts'

const paused = 3
const running = 1
/** more rows than the database has room for in the blocks that it holds */
const mostWrites = 3_000
const saysWhy = /full|space|room/i

/** What a request left that was answered by a failure must be nothing, or say why. */
export async function onFullDisk(cloud: RealCloud, { id, inside }: { id: string; inside: Guest }): Promise<void> {
  const { client, victim } = cloud
  const { pid } = victim
  const small = await newImage(cloud, 'small')
  const large = await newImage(cloud, 'large')
  await client.must('PUT', `${glance}/images/${large}/file`, Buffer.alloc(24 * 2 ** 20), { 'content-type': 'application/octet-stream' })
  const makeRoom = await fillDisk(victim.dataDir)
  try {
    // the guest writes more than there is, and waits
    await inside.sh('(dd if=/dev/zero of=/root/big bs=1M count=32 && sync && echo done >/root/done) >/dev/null 2>&1 & true')
    await untilWithin('the guest to be paused', settleLimitMs, async () =>
      (await server(cloud, id))['OS-EXT-STS:power_state'] === paused ? true : undefined,
    )
    await refusals(cloud, { small, large })
    await databaseIsFull(cloud)
    for (const path of [`${nova}/servers/detail`, `${cinder}/volumes/detail`, `${glance}/images`, `${neutron}/ports`])
      assert.equal((await client.call('GET', path)).status, 200, `GET ${path} on a full disk`)
  } finally {
    makeRoom()
  }
  await untilWithin('the guest to go on', settleLimitMs, async () =>
    (await server(cloud, id))['OS-EXT-STS:power_state'] === running ? true : undefined,
  )
  await untilWithin('the guest’s write to end', settleLimitMs, async () =>
    (await inside.sh('cat /root/done 2>/dev/null || true')) === 'done' ? true : undefined,
  )
  await worksAgain(cloud, small)
  for (const image of [small, large]) await client.must('DELETE', `${glance}/images/${image}`)
  assert.equal(victim.pid, pid, 'the process lives on')
  process.kill(pid, 0)
}

async function newImage({ client }: RealCloud, name: string): Promise<string> {
  return (await client.must('POST', `${glance}/images`, { name, disk_format: 'raw', container_format: 'bare' })).id as string
}

/** A volume, a server from an image that the host has not, an upload: refused with a reason, or failed with one. */
async function refusals(cloud: RealCloud, { small, large }: { small: string; large: string }): Promise<void> {
  const { client } = cloud
  const upload = await client.call('PUT', `${glance}/images/${small}/file`, Buffer.alloc(8 * 2 ** 20, 1), {
    'content-type': 'application/octet-stream',
  })
  assert.ok([413, 507].includes(upload.status), `an upload: ${upload.status} ${upload.body}`)
  assert.match(String(upload.body), saysWhy)
  const volume = await client.call('POST', `${cinder}/volumes`, { volume: { name: 'full', size: 1 } })
  assert.ok([202, 507].includes(volume.status), JSON.stringify(volume))
  const { flavors } = await client.must('GET', `${nova}/flavors?sort_key=memory_mb`)
  const made = await client.call('POST', `${nova}/servers`, {
    server: { name: 'full', flavorRef: flavors[0].id, imageRef: large, networks: 'none' },
  })
  assert.ok([202, 507].includes(made.status), JSON.stringify(made))
  if (made.status === 202) {
    const failed = await untilSettled(cloud, made.body.server.id)
    assert.equal(failed.status, 'ERROR')
    assert.match(failed.fault.message, saysWhy)
  }
  if (volume.status === 202) await untilVolume(cloud, volume.body.volume.id, 'error')
}

/** Rows are written until the database has no room: each that was acknowledged is there, the one that was refused is not. */
async function databaseIsFull({ client }: RealCloud): Promise<void> {
  for (let written = 0; written < mostWrites; written++) {
    const answer = await client.call('POST', `${neutron}/security-groups`, {
      security_group: { name: `full-${written}`, description: 'x'.repeat(250) },
    })
    if (answer.status === 201) {
      const removed = await client.call('DELETE', `${neutron}/security-groups/${answer.body.security_group.id}`)
      if (removed.status === 204) continue
      return refusedForRoom(removed)
    }
    return refusedForRoom(answer)
  }
  assert.fail(`the database took ${mostWrites} writes on a full disk`)
}

function refusedForRoom(answer: { status: number; body: unknown }): void {
  assert.equal(answer.status, 507, JSON.stringify(answer.body))
  assert.match(JSON.stringify(answer.body), saysWhy)
}

async function worksAgain(cloud: RealCloud, small: string): Promise<void> {
  const { client } = cloud
  const { security_groups: groups } = await client.must('GET', `${neutron}/security-groups?name=default`)
  assert.equal(groups.length, 1)
  for (const group of (await client.must('GET', `${neutron}/security-groups`)).security_groups) {
    if (group.name.startsWith('full-')) await client.must('DELETE', `${neutron}/security-groups/${group.id}`)
  }
  await untilWithin('the upload to be possible again', settleLimitMs, async () => {
    const answer = await client.call('PUT', `${glance}/images/${small}/file`, Buffer.alloc(2 ** 20, 1), {
      'content-type': 'application/octet-stream',
    })
    assert.ok([204, 409].includes(answer.status), `an upload: ${answer.status} ${answer.body}`)
    return answer.status === 204 ? true : undefined // 409: what was refused is still being put back
  })
  for (const { id, name } of (await client.must('GET', `${nova}/servers`)).servers) {
    if (name !== 'full') continue
    await untilSettled(cloud, id)
    await client.must('DELETE', `${nova}/servers/${id}`)
    await untilGone(cloud, `${nova}/servers/${id}`)
  }
  const { volume } = await client.must('POST', `${cinder}/volumes`, { volume: { name: 'full', size: 1 } })
  await untilVolume(cloud, volume.id, 'available')
  for (const { id, name } of (await client.must('GET', `${cinder}/volumes`)).volumes) {
    if (name !== 'full') continue
    await client.must('DELETE', `${cinder}/volumes/${id}`)
    await untilGone(cloud, `${cinder}/volumes/${id}`)
  }
}
