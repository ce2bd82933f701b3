// Volumes as files with real qemu-img: the conformance suite, and a file system that is full.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { stallingSourceOf } from '../../../test/support/fake-lab.ts'
import { createGate } from '../gate.ts'
import { sameUser } from '../guest-users.ts'
import { createImageFiles } from '../images/files.ts'
import { defaultSilenceMs } from '../../platform/silence.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'
import { fileJournal } from '../journal.ts'
import { noLiveDisks } from '../live-disks.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { volumesConformance } from './conformance.ts'
import { createVolumeFiles } from './files.ts'

const imageId = 'image-1'
const nobody = { uid: 65_534, gid: 65_534 }
const user = process.getuid?.() === 0 ? nobody : null
const users = user ? { ...sameUser, tools: user, bases: user, of: () => user } : sameUser
const call = (fence: number) => ({ fence, requestId: 'req-test' })

async function openLab(dataDir: string) {
  execFileSync('chmod', ['711', dataDir])
  const journal = fileJournal(join(dataDir, 'fences'))
  const source = stallingSourceOf(imageId, tinyQcow2(64 * 2 ** 20))
  const clock = createTestClock()
  const images = await createImageFiles({ directory: join(dataDir, 'bases'), source, clock, user, inUse: async () => [] })
  const volumes = await createVolumeFiles({
    directory: join(dataDir, 'volumes'),
    images,
    live: noLiveDisks,
    gate: createGate(journal),
    users,
  })
  return { volumes, journal, asked: () => source.asked, silence: () => clock.advance(defaultSilenceMs) }
}

/** qemu-io on the volume's file, which nobody has open. */
const io = (dataDir: string, volumeId: string, command: string) =>
  spawnSync('qemu-io', ['-f', 'qcow2', '-c', command, join(dataDir, 'volumes', volumeId, 'disk.qcow2')], { encoding: 'utf8' }).stdout

const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false

if (skip) test('volumes as files', { skip }, () => undefined)
else {
  volumesConformance('file', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'volumes-'))
    let lab = await openLab(dataDir)
    const patterns = ['first', 'second']
    return {
      get volumes() {
        return lab.volumes
      },
      imageId,
      asked: () => lab.asked(),
      silence: () => lab.silence(),
      async restart() {
        lab.journal.close()
        lab = await openLab(dataDir)
      },
      async plant(reference, format) {
        const path = join(dataDir, 'volumes', reference)
        execFileSync('qemu-img', ['create', '-q', '-f', format, path, '1536M'])
        execFileSync('qemu-io', ['-f', format, '-c', `write -P ${1 + patterns.indexOf('first')} 1M 64k`, path])
      },
      keepsBytes: true,
      write: async (volumeId, text) => void io(dataDir, volumeId, `write -P ${1 + patterns.indexOf(text)} 1M 64k`),
      async read(volumeId) {
        const holds = (n: number) => !/verification failed/.test(io(dataDir, volumeId, `read -P ${n} 1M 64k`))
        return patterns.find((_, n) => holds(n + 1)) ?? ''
      },
      async close() {
        lab.journal.close()
        rmSync(dataDir, { recursive: true })
      },
    }
  })
}

describe('volumes as files', { skip: skip || (user ? false : 'needs root to mount a small file system') }, () => {
  test('a full file system is no_space, and leaves no half volume', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'volumes-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=711', 'tmpfs', dataDir])
    const { volumes, journal } = await openLab(dataDir)
    try {
      const create = { volumeId: 'volume-1', sizeGib: 1, source: { kind: 'blank' as const }, fate: {} }
      spawnSync('dd', ['if=/dev/zero', `of=${dataDir}/ballast`, 'bs=4k']) // until nothing is left
      for (const fence of [1, 2]) await assert.rejects(volumes.create(create, call(fence)), { code: 'no_space' })
      assert.deepEqual(await volumes.list(), [])
      rmSync(join(dataDir, 'ballast'))
      await volumes.create(create, call(3))
      assert.equal((await volumes.list()).length, 1)
    } finally {
      journal.close()
      execFileSync('umount', [dataDir])
      rmSync(dataDir, { recursive: true })
    }
  })

  test('clients 16 a file that must not be trusted, is no image of ours or is open stays where it is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'volumes-'))
    const { volumes, journal } = await openLab(dataDir)
    const pool = join(dataDir, 'volumes')
    const image = (name: string, ...argv: string[]) =>
      execFileSync('qemu-img', ['create', '-q', ...argv.slice(0, -1), join(pool, name), ...argv.slice(-1)])
    image('base.raw', '-f', 'raw', '64M')
    image('backed', '-f', 'qcow2', '-F', 'raw', '-b', join(pool, 'base.raw'), '64M')
    image('data-file', '-f', 'qcow2', '-o', `data_file=${join(pool, 'outside')}`, '64M')
    image('other.vmdk', '-f', 'vmdk', '64M')
    execFileSync('ln', ['-s', join(pool, 'base.raw'), join(pool, 'link')])
    writeFileSync(join(pool, 'empty'), '')
    const faults = Object.fromEntries((await volumes.strangers()).files.map(({ reference, fault }) => [reference, fault]))
    assert.deepEqual(Object.keys(faults).sort(), ['backed', 'base.raw', 'data-file', 'empty', 'other.vmdk', 'outside'])
    assert.equal(faults['base.raw'], null)
    let fence = 10
    for (const reference of ['backed', 'data-file', 'other.vmdk', 'empty', 'link']) {
      await assert.rejects(
        volumes.adopt({ volumeId: `volume-${fence}`, reference, fate: {} }, call(fence++)),
        { code: reference === 'link' ? 'not_found' : 'bad_image' },
        reference,
      )
      await volumes.release(`volume-${fence - 1}`, reference, call(fence++))
      assert.ok(lstatSync(join(pool, reference)), reference)
    }
    const daemon = spawnSync('qemu-nbd', [
      '--fork',
      '--pid-file',
      join(dataDir, 'nbd.pid'),
      '-k',
      join(dataDir, 'nbd.sock'),
      '-t',
      '-f',
      'raw',
      join(pool, 'base.raw'),
    ])
    assert.equal(daemon.status, 0, daemon.stderr.toString())
    try {
      await assert.rejects(volumes.adopt({ volumeId: 'volume-9', reference: 'base.raw', fate: {} }, call(fence++)), { code: 'conflict' })
    } finally {
      process.kill(Number(execFileSync('cat', [join(dataDir, 'nbd.pid')], { encoding: 'utf8' })))
    }
    await volumes.release('volume-9', 'base.raw', call(fence++))
    assert.deepEqual(await volumes.list(), [])
    journal.close()
    rmSync(dataDir, { recursive: true })
  })

  test('a file that somebody has open is a conflict, never written to', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'volumes-'))
    const { volumes, journal } = await openLab(dataDir)
    await volumes.create({ volumeId: 'volume-1', sizeGib: 1, source: { kind: 'blank' }, fate: {} }, call(1))
    const path = join(dataDir, 'volumes', 'volume-1', 'disk.qcow2')
    const daemon = spawnSync('qemu-nbd', [
      '--fork',
      '--pid-file',
      join(dataDir, 'nbd.pid'),
      '-k',
      join(dataDir, 'nbd.sock'),
      '-t',
      '-f',
      'qcow2',
      path,
    ])
    assert.equal(daemon.status, 0, daemon.stderr.toString())
    try {
      await assert.rejects(volumes.snapshot('volume-1', 'snapshot-1', call(2)), { code: 'conflict' })
      await assert.rejects(volumes.extend('volume-1', 2, call(3)), { code: 'conflict' })
      await assert.rejects(volumes.rewrite('volume-1', { kind: 'image', imageId }, call(3)), { code: 'conflict' })
    } finally {
      process.kill(Number(execFileSync('cat', [join(dataDir, 'nbd.pid')], { encoding: 'utf8' })))
    }
    assert.deepEqual(await volumes.list(), [{ volumeId: 'volume-1', sizeGib: 1, snapshotIds: [], attachmentId: null }])
    journal.close()
    rmSync(dataDir, { recursive: true })
  })
})
