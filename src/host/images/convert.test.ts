// first use 10: images of other formats become bases by conversion, in the sandbox; what is uploaded stays what it is.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { DiskImageFormat } from '../../contract/images.ts'
import { imageSourceOf } from '../../../test/support/fake-lab.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { runTool } from '../tools.ts'
import { createImageFiles } from './files.ts'

const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null
const top = mkdtempSync(join(tmpdir(), 'convert-'))
chmodSync(top, 0o711)
after(() => rmSync(top, { recursive: true }))
const MiB = 2 ** 20
const call = { fence: 1, requestId: 'r' }
const raw = Buffer.concat([Buffer.alloc(MiB), Buffer.alloc(100_000, 'what is on the disk'), Buffer.alloc(4 * MiB - 100_000 - MiB)])

function made(format: string, options: string[]): Buffer {
  writeFileSync(join(top, 'raw'), raw)
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, join(top, 'raw'), join(top, 'made')])
  return readFileSync(join(top, 'made'))
}

async function cacheOf(bytes: Buffer, diskFormat: DiskImageFormat) {
  const directory = mkdtempSync(join(top, 'bases-'))
  const { open } = imageSourceOf('image-1', bytes)
  const source = { open: async (id: string) => ({ ...(await open(id)), diskFormat }) }
  return { directory, images: await createImageFiles({ directory, source, clock: createTestClock(), user, inUse: async () => [] }) }
}

describe('first use 10 a base is made of', { skip }, () => {
  for (const [diskFormat, format, ...options] of [
    ['vmdk', 'vmdk'],
    ['vmdk', 'vmdk', '-o', 'subformat=streamOptimized'],
    ['vdi', 'vdi'],
    ['vdi', 'vdi', '-o', 'static=on'],
    ['vhd', 'vpc', '-o', 'force_size=on'],
    ['vhd', 'vpc', '-o', 'subformat=fixed,force_size=on'],
    ['vhdx', 'vhdx'],
    ['vhdx', 'vhdx', '-o', 'subformat=fixed'],
  ] as [DiskImageFormat, string, ...string[]][]) {
    test(`${diskFormat} ${options.join(' ')}`, async () => {
      const { directory, images } = await cacheOf(made(format, options), diskFormat)
      const base = await images.ensure('image-1', call)
      assert.deepEqual([base.format, base.virtualSizeBytes], ['qcow2', 4 * MiB])
      assert.deepEqual(readdirSync(directory).sort(), ['image-1.json', 'image-1.qcow2'])
      execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', base.path, join(top, 'back')])
      assert.ok(readFileSync(join(top, 'back')).equals(raw), 'the same is on the disk')
      if (user) assert.deepEqual([statSync(base.path).uid, statSync(base.path).gid, statSync(base.path).mode & 0o777], [0, user.gid, 0o640])
    })
  }
})

test(
  'first use 10 F20 what cannot be converted, or stands on another image, is refused for good and leaves nothing',
  { skip },
  async () => {
    const changed = (image: Buffer, change: (copy: Buffer) => void) => (change(image), image)
    for (const [diskFormat, bytes] of [
      ['vdi', changed(made('vdi', []), (image) => image.writeUInt32LE(4, 76))],
      ['vhdx', changed(made('vhdx', []), (image) => image.fill(0, 64 * 1024, 192 * 1024))],
      ['vmdk', changed(made('vmdk', []), (image) => image.writeBigUInt64LE(0n, 20))],
      ['vhd', Buffer.alloc(MiB, 1)],
    ] as [DiskImageFormat, Buffer][]) {
      const { directory, images } = await cacheOf(bytes, diskFormat)
      await assert.rejects(images.ensure('image-1', call), { code: 'bad_image' }, diskFormat)
      assert.deepEqual(readdirSync(directory), [])
    }
  },
)

test('first use 10 a machine that lacks the converter says so', async () => {
  await assert.rejects(runTool(['no-such-converter', 'x'], { user, sandbox: { cpuSeconds: 1, fileBytes: 1 } }), {
    code: 'unsupported',
    message: 'no-such-converter is not installed',
  })
})

test(
  'first use 10 the converter has no network, little time and little room',
  { skip: user ? false : 'only root can take the network away' },
  async () => {
    const sandbox = { cpuSeconds: 1, fileBytes: 1000 }
    const interfaces = await runTool(['cat', '/proc/net/dev'], { user, sandbox })
    assert.deepEqual(
      interfaces
        .split('\n')
        .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])
        .filter((name) => name !== 'lo' && !/^(tunl|gre|sit|ip|erspan)/.test(name)),
      [],
    )
    const directory = mkdtempSync(join(top, 'room-'))
    chmodSync(directory, 0o777)
    await assert.rejects(runTool(['dd', 'if=/dev/zero', 'of=big', 'bs=2000', 'count=1'], { cwd: directory, user, sandbox }))
    assert.ok(statSync(join(directory, 'big')).size <= 1000)
    await assert.rejects(runTool(['sh', '-c', 'while :; do :; done'], { user, sandbox }), /SIGKILL|SIGXCPU/)
  },
)
