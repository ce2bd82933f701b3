// Runs inside the lab: before|after SCRATCH IMAGE. `before` tells of faults until the power fails; `after` is the machine
// when it is back. Prints a line for each step (steps.ts); exit code 0: all held.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { guest } from '../e2e/guest.ts'
import { traces } from '../e2e/traces.ts'
import { storedHoldings } from '../crash/leftovers.ts'
import { Victim } from '../crash/victim.ts'
import { onFullDisk } from './full-disk.ts'
import { copyAfterPowerLoss, freeze } from './power-loss.ts'
import { fsckIsSilent, fsckMendsVolumes } from './real-fsck.ts'
import {
  act,
  boot,
  cinder,
  deleteAccess,
  glance,
  here,
  nova,
  pidsOf,
  portOf,
  qemuOf,
  settleLimitMs,
  startCloud,
  timelineOf,
  untilGone,
  untilServer,
  untilSettled,
  untilVolume,
  type RealCloud,
} from './real-cloud.ts'
import { deleteWritten, verify, writeUntil, type Written } from './real-writers.ts'
import { mountSmallDisk } from './small-disk.ts'
import { step } from './steps.ts'
import { untilWithin } from '../support/until.ts'

/** room for two thin volumes of a gibibyte, as the scheduler counts */
const diskMib = 4096
/** how soon a killed daemon must be back: it is looked at every two seconds */
const daemonLimitMs = 10_000
const [part = '', scratch = '', imagePath = ''] = process.argv.slice(2)
const key = join(scratch, 'key')
const syncLog = join(scratch, 'syncs')
const dataDir = join(scratch, 'data')
const after = join(scratch, 'after')
const notes = join(scratch, 'notes.json')

/** What the second part must know of the first. */
interface Notes {
  serverId: string
  volumeId: string
  address: string
  written: Written[]
  clean: Slate
}

type Slate = Awaited<ReturnType<typeof slate>>

/** /run is empty when a machine starts. */
mkdirSync('/run/stackling', { recursive: true })
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/stackling'])
await (part === 'before' ? tellBefore() : tellAfter())
process.exit(0)

/** All that the cloud holds and all that the machine holds of it. The host keeps the image that its guest was made of. */
async function slate() {
  const { files, ...machine } = await traces(here, dataDir)
  return { stored: storedHoldings(dataDir), machine, files: files.filter((path) => !path.startsWith('data/hypervisor/bases/')) }
}

/** The slate of a new cloud, which makes its networks after it has said that it is up. */
async function settled(): Promise<Slate> {
  let last = await slate()
  await untilWithin('the new cloud to settle', settleLimitMs, async () => isDeepStrictEqual(last, (last = await slate())) || undefined)
  return last
}

async function killGuest(serverId: string): Promise<void> {
  const pid = qemuOf(serverId)
  assert.ok(pid, 'the guest runs')
  process.kill(pid, 'SIGKILL')
  await untilWithin('the process to be gone', settleLimitMs, async () => (qemuOf(serverId) === pid ? undefined : true))
}

async function tellBefore(): Promise<void> {
  await mountSmallDisk(dataDir, diskMib)
  const watched = { SYNC_LOG: syncLog, NODE_OPTIONS: `--import ${join(import.meta.dirname, 'watch-syncs.ts')}` }
  const cloud = await startCloud(new Victim(dataDir, 'real', watched), key)
  const { client, victim } = cloud
  const clean = await settled()
  const { images } = await client.must('GET', `${glance}/images`)
  assert.equal(images.length, 1, `the guest image ${imagePath} is there`)
  const { id, inside } = await boot(cloud, images[0].id)
  const { volume } = await client.must('POST', `${cinder}/volumes`, { volume: { name: 'kept', size: 1 } })
  await untilVolume(cloud, volume.id, 'available')

  await step('a guest whose QEMU is killed while a volume is being attached settles in a true state', async () => {
    await inside.sh('echo kept >/root/note; sync')
    await client.must('POST', `${nova}/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume.id } })
    await killGuest(id)
    await settlesTruly(cloud, id)
    await untilWithin('the volume to settle', settleLimitMs, async () =>
      /^(in-use|available)$/.test((await client.must('GET', `${cinder}/volumes/${volume.id}`)).volume.status) ? true : undefined,
    )
    const { volumeAttachments } = await client.must('GET', `${nova}/servers/${id}/os-volume_attachments`)
    const { status } = (await client.must('GET', `${cinder}/volumes/${volume.id}`)).volume
    assert.equal(volumeAttachments.length, status === 'in-use' ? 1 : 0, 'the volume and the server say the same')
  })

  await step('a guest whose QEMU is killed is SHUTOFF with the reason, and nothing of the process is left', async () => {
    if (qemuOf(id) === null) await act(cloud, id, { 'os-start': null })
    await untilServer(cloud, id, 'ACTIVE')
    await killGuest(id)
    await untilServer(cloud, id, 'SHUTOFF')
    assert.match(timelineOf(cloud, id)[0] ?? '', /^stop success .*process of the guest is gone/)
    assert.equal(qemuOf(id), null)
    assert.deepEqual(cgroupsOf(id), [])
  })

  await step('a killed dnsmasq is back by itself, and a guest that boots then gets its address and has its disk', async () => {
    const daemons = pidsOf('dnsmasq --conf-file')
    assert.ok(daemons.length > 0, 'there is a dnsmasq')
    for (const pid of daemons) process.kill(pid, 'SIGKILL')
    await untilWithin('dnsmasq to be back', daemonLimitMs, async () =>
      pidsOf('dnsmasq --conf-file').length === daemons.length ? true : undefined,
    )
    await act(cloud, id, { 'os-start': null })
    await untilServer(cloud, id, 'ACTIVE')
    await inside.ready()
    assert.equal(await inside.sh('cat /root/note'), 'kept')
  })

  await step('on a full disk writes fail with a reason, reads work, the guest waits; with room again all goes on', () =>
    onFullDisk(cloud, { id, inside }),
  )

  await step('a stopped QEMU holds up nobody else; what it was asked for is done when it goes on', async () => {
    if ((await client.must('GET', `${cinder}/volumes/${volume.id}`)).volume.status === 'in-use') {
      await client.must('DELETE', `${nova}/servers/${id}/os-volume_attachments/${volume.id}`)
      await untilVolume(cloud, volume.id, 'available')
    }
    const pid = qemuOf(id)
    assert.ok(pid, 'the guest runs')
    process.kill(pid, 'SIGSTOP')
    await client.must('POST', `${nova}/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume.id } })
    await othersGoOn(cloud, images[0].id)
    await untilWithin('the call to be abandoned', settleLimitMs, async () =>
      storedHoldings(dataDir).unfinished.some((text) => /did not answer/.test(text)) ? true : undefined,
    )
    process.kill(pid, 'SIGCONT')
    await untilVolume(cloud, volume.id, 'in-use')
    await untilSettled(cloud, id)
    await inside.sh('dev=/dev/vdb; echo kept | dd of=$dev conv=fsync 2>/dev/null; sync')
  })

  await step('a deleted tap is reported: the port is DOWN, and a hard reboot makes it anew', async () => {
    const port = await portOf(cloud, id)
    execFileSync('ip', ['link', 'del', `tap${port.id.slice(0, 11)}`])
    await untilWithin('the port to be DOWN', daemonLimitMs, async () => ((await portOf(cloud, id)).status === 'DOWN' ? true : undefined))
    await act(cloud, id, { reboot: { type: 'HARD' } })
    await untilServer(cloud, id, 'ACTIVE')
    await untilWithin('the port to be ACTIVE', daemonLimitMs, async () =>
      (await portOf(cloud, id)).status === 'ACTIVE' ? true : undefined,
    )
    await inside.ready()
  })

  await step('fsck finds nothing on the machine with its guest', () => fsckIsSilent(cloud))

  await step('fsck names lost and unexplained data, and removes only what cannot be anybody’s', () => fsckMendsVolumes(cloud))

  await step('the power fails in the midst of writes', async () => {
    await inside.sh('echo durable >/root/last; sync')
    const written: Written[] = []
    const writing = writeUntil(new AbortController().signal, cloud, written)
    writing.catch(() => undefined) // it breaks off with the power
    await untilWithin('writes to be acknowledged', settleLimitMs, async () =>
      written.filter(({ sha256 }) => sha256 !== undefined).length >= 3 && written.length >= 10 ? true : undefined,
    )
    await freeze(victim.pid)
    for (const pid of pidsOf('qemu-system')) await freeze(pid)
    mkdirSync(after, { mode: 0o711 })
    const known: Notes = { serverId: id, volumeId: volume.id, address: inside.address, written: written.slice(), clean }
    // the guests' own disks are synced by QEMU, whom nobody watches: what it has written stays
    console.log(
      `${written.length} writes,`,
      copyAfterPowerLoss({
        from: dataDir,
        to: after,
        syncLog,
        luck: () => 0.2,
        kept: /^hypervisor\/(guests\/[^/]+\/(?!state\.json)|volumes\/[^/]+\/disk)/,
      }),
    )
    writeFileSync(notes, JSON.stringify(known))
  })
}

/** Another server and another volume come and go. */
async function othersGoOn(cloud: RealCloud, imageRef: string): Promise<void> {
  const { client } = cloud
  const { flavors } = await client.must('GET', `${nova}/flavors?sort_key=memory_mb`)
  const { server } = await client.must('POST', `${nova}/servers`, {
    server: { name: 'other', flavorRef: flavors[0].id, imageRef, networks: 'none' },
  })
  const { volume } = await client.must('POST', `${cinder}/volumes`, { volume: { name: 'other', size: 1 } })
  await untilServer(cloud, server.id, 'ACTIVE')
  await untilVolume(cloud, volume.id, 'available')
  await client.must('DELETE', `${nova}/servers/${server.id}`)
  await client.must('DELETE', `${cinder}/volumes/${volume.id}`)
  await untilGone(cloud, `${nova}/servers/${server.id}`)
  await untilGone(cloud, `${cinder}/volumes/${volume.id}`)
}

/** Either it was started again by what was under way, or it rests; the process says the same as the API. */
async function settlesTruly(cloud: RealCloud, id: string): Promise<void> {
  await untilWithin('the server and its process to say the same', settleLimitMs, async () => {
    const { status } = await untilSettled(cloud, id)
    assert.match(status, /^(ACTIVE|SHUTOFF)$/)
    return (status === 'ACTIVE') === (qemuOf(id) !== null) || undefined
  })
}

function cgroupsOf(id: string): string[] {
  return execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '6', '-name', id], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
}

async function tellAfter(): Promise<void> {
  const { serverId, volumeId, address, written, clean } = JSON.parse(readFileSync(notes, 'utf8')) as Notes
  execFileSync('mount', ['--bind', after, dataDir]) // the disk is where it was
  const cloud = await startCloud(new Victim(dataDir, 'real'), key)
  const { client } = cloud
  const inside = guest(here, address, key)

  await step(
    'after the power failure all that was acknowledged is there; the server starts and has what its guest had synced',
    async () => {
      await untilServer(cloud, serverId, 'SHUTOFF')
      await act(cloud, serverId, { 'os-start': null })
      await verify(cloud, written)
      await untilServer(cloud, serverId, 'ACTIVE')
      await inside.ready()
      assert.equal(await inside.sh('cat /root/note /root/last'), 'kept\ndurable')
      assert.equal(await inside.sh('head -c 4 /dev/vdb'), 'kept')
    },
  )

  await step('a server whose QEMU is stopped can be deleted, and then nothing is left', async () => {
    const pid = qemuOf(serverId)
    assert.ok(pid, 'the guest runs')
    process.kill(pid, 'SIGSTOP')
    await client.must('DELETE', `${nova}/servers/${serverId}`)
    await untilGone(cloud, `${nova}/servers/${serverId}`)
    await untilVolume(cloud, volumeId, 'available')
    await client.must('DELETE', `${cinder}/volumes/${volumeId}`)
    await deleteWritten(cloud)
    await deleteAccess(cloud)
    let last = await slate()
    await untilWithin('a clean slate', settleLimitMs, async () =>
      isDeepStrictEqual((last = await slate()), clean) ? true : undefined,
    ).catch(() => assert.deepEqual(last, clean))
    assert.deepEqual(cgroupsOf(serverId), [])
  })

  await step('fsck finds nothing on the machine that is empty again', () => fsckIsSilent(cloud))

  await cloud.victim.stop()
}
