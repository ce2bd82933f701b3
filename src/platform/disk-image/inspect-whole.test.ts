// Whole images, made by qemu-img and then made to lie: every kind that refers to another file or hides a second disk.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { bufferBytes } from './bytes.ts'
import { inspectWhole } from './inspect-whole.ts'
import { tinyQcow2 } from './tiny-qcow2.ts'

const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false
const directory = mkdtempSync(join(tmpdir(), 'inspect-whole-'))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string) => join(directory, name)
const MiB = 2 ** 20

/** A disk of 3 MiB with something on it, in the format. */
function made(format: string, ...options: string[]): Buffer {
  writeFileSync(at('raw'), Buffer.concat([Buffer.alloc(MiB), Buffer.alloc(70_000, 'content'), Buffer.alloc(2 * MiB - 70_000)]))
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, at('raw'), at('disk')])
  return readFileSync(at('disk'))
}

const look = (image: Buffer, claimed: string) => inspectWhole(bufferBytes(image), claimed)

/** The image with a change, which must be refused for this reason. */
async function refused(
  image: Buffer,
  claimed: string,
  { change, reason }: { change: (copy: Buffer) => void; reason: RegExp },
): Promise<void> {
  const copy = Buffer.from(image)
  change(copy)
  assert.match((await look(copy, claimed)).faults.join('; '), reason)
}

/** As VMware writes it: where the grains are stands in a footer, after which the stream ends. */
function withFooter(image: Buffer): Buffer {
  const tail = Buffer.alloc(3 * 512)
  image.copy(tail, 512, 0, 512)
  tail.writeUInt32LE(3, 12)
  const streamed = Buffer.concat([image, tail])
  streamed.fill(0xff, 56, 64)
  return streamed
}

describe('F20 first use 20 what qemu-img makes is let through with its size', { skip }, () => {
  for (const [claimed, format, ...options] of [
    ['vhdx', 'vhdx'],
    ['vhdx', 'vhdx', '-o', 'subformat=fixed'],
    ['vdi', 'vdi'],
    ['vdi', 'vdi', '-o', 'static=on'],
    ['vhd', 'vpc', '-o', 'force_size=on'],
    ['vhd', 'vpc', '-o', 'subformat=fixed,force_size=on'],
    ['vmdk', 'vmdk'],
    ['vmdk', 'vmdk', '-o', 'subformat=streamOptimized'],
    ['qcow2', 'qcow2'],
    ['qcow2', 'qcow2', '-c'],
    ['qcow2', 'qcow2', '-o', 'extended_l2=on'],
    ['qcow2', 'qcow2', '-o', 'compat=0.10,cluster_size=512'],
  ] as [string, string, ...string[]][]) {
    test(`${claimed} ${options.join(' ')}`, async () => {
      assert.deepEqual(await look(made(format, ...options), claimed), { format: claimed, virtualSizeBytes: 3 * MiB, faults: [] })
    })
  }
})

describe('F20 what stands on another image, or hides one, is refused', { skip }, () => {
  test('a vhdx that says it has a parent, or where one is', async () => {
    const image = made('vhdx')
    const parameters = image.indexOf(Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex'))
    const metadata = image.indexOf('metadata')
    const flags = metadata + image.readUInt32LE(parameters + 16) + 4
    await refused(image, 'vhdx', {
      change: (copy) => copy.writeUInt32LE(copy.readUInt32LE(flags) | 2, flags),
      reason: /difference to another/,
    })
    const last = metadata + 32 + image.readUInt16LE(metadata + 10) * 32
    const locator = (copy: Buffer) => {
      copy.write('2d5fd3a80bb34d45abf7d3d84834ab0c', last, 'hex')
      copy.writeUInt16LE(copy.readUInt16LE(metadata + 10) + 1, metadata + 10)
    }
    await refused(image, 'vhdx', { change: locator, reason: /names a parent/ })
    await refused(image, 'vhdx', { change: (copy) => copy.fill(0, metadata, metadata + 8), reason: /no metadata table/ })
    await refused(image, 'vhdx', { change: (copy) => copy.fill(0, 192 * 1024, 200 * 1024), reason: /no region table/ })
  })

  test('a vdi that is a difference or an undo log, or is linked to another', async () => {
    const image = made('vdi')
    for (const kind of [0, 3, 4, 99])
      await refused(image, 'vdi', { change: (copy) => copy.writeUInt32LE(kind, 76), reason: /difference|not supported/ })
    for (const position of [424, 440])
      await refused(image, 'vdi', { change: (copy) => copy.fill(7, position, position + 16), reason: /names a parent/ })
  })

  test('a vhd that is a difference, names a parent, or is unknown', async () => {
    const image = made('vpc')
    await refused(image, 'vhd', { change: (copy) => copy.writeUInt32BE(4, 60), reason: /difference to another/ })
    await refused(image, 'vhd', { change: (copy) => copy.writeUInt32BE(2, 60), reason: /kind 2/ })
    await refused(image, 'vhd', { change: (copy) => copy.fill(7, 512 + 40, 512 + 56), reason: /names a parent/ })
    await refused(image, 'vhd', { change: (copy) => copy.write('W2ku', 512 + 576), reason: /names a parent/ })
    const fixed = made('vpc', '-o', 'subformat=fixed')
    await refused(fixed, 'vhd', { change: (copy) => copy.writeUInt32BE(4, copy.length - 512 + 60), reason: /kind 4/ })
  })

  test('a qcow2 with snapshots, with a backing or a data file, or cut off', async () => {
    const image = made('qcow2')
    execFileSync('qemu-img', ['snapshot', '-c', 'hidden', at('disk')])
    assert.match((await look(readFileSync(at('disk')), 'qcow2')).faults.join(), /snapshots inside/)
    await refused(image, 'qcow2', { change: (copy) => copy.writeUInt32BE(1, 60), reason: /snapshots inside/ })
    await refused(image, 'qcow2', { change: (copy) => copy.writeBigUInt64BE(8n, 8), reason: /backing file/ })
    for (const each of [image, made('qcow2', '-c'), made('qcow2', '-o', 'extended_l2=on')]) {
      assert.deepEqual((await look(each, 'qcow2')).faults, [])
      assert.match((await look(each.subarray(0, each.length >> 1), 'qcow2')).faults.join(), /cut off/)
    }
    assert.deepEqual((await look(tinyQcow2(700 * 2 ** 30), 'qcow2')).faults, [])
  })

  test('a vmdk whose descriptor can be read in two ways, or whose footer is another one', async () => {
    const image = made('vmdk')
    const text = (from: string, to: string) => (copy: Buffer) => {
      const descriptor = copy.toString('latin1', 512, 512 + 10_240).replaceAll('\0', '')
      assert.ok(descriptor.includes(from), from)
      copy.fill(0, 512, 512 + 10_240)
      copy.write(descriptor.replace(from, to), 512, 'latin1')
    }
    for (const [from, to, reason] of [
      ['monolithicSparse', 'monolithicFlat', /not self-contained/],
      ['createType', 'createType="monolithicFlat"\ncreateType', /monolithicflat and monolithicsparse/],
      ['# Extent', '   RW 2048 FLAT "/etc/passwd" 0\n# Extent', /2 extents/],
      ['# Extent', '\tRW 2048 FLAT "passwd" 0\n# Extent', /2 extents/],
      ['SPARSE', 'FLAT', /points outside/],
      ['parentCID', 'parentFileNameHint="/etc/passwd"\nparentCID', /has a parent/],
      ['# Extent', 'nonsense here\n# Extent', /unknown/],
    ] as const)
      await refused(image, 'vmdk', { change: text(from, to), reason })
    await refused(image, 'vmdk', { change: (copy) => copy.writeBigUInt64LE(0n, 12), reason: /no size/ })
    const streamed = withFooter(made('vmdk', '-o', 'subformat=streamOptimized'))
    assert.deepEqual((await look(streamed, 'vmdk')).faults, [])
    await refused(streamed, 'vmdk', { change: (copy) => copy.writeBigUInt64LE(99n, copy.length - 1024 + 28), reason: /footer/ })
    await refused(streamed, 'vmdk', { change: (copy) => copy.fill(0, copy.length - 1536, copy.length - 1024), reason: /footer/ })
    const alone = Buffer.from('version=1\ncreateType="monolithicFlat"\nRW 2048 FLAT "/etc/passwd" 0\n')
    for (const claimed of ['vmdk', 'raw']) assert.notDeepEqual((await look(alone, claimed)).faults, [])
  })

  test('one format under the name of another, and bytes under the name of a format', async () => {
    const images = {
      vhdx: made('vhdx'),
      vdi: made('vdi'),
      vhd: made('vpc'),
      vmdk: made('vmdk'),
      qcow2: made('qcow2'),
      raw: Buffer.alloc(4096, 1),
    }
    for (const [format, image] of Object.entries(images)) {
      for (const claimed of [...Object.keys(images), 'iso']) {
        const { faults } = await look(image, claimed)
        assert.equal(faults.length === 0, claimed === format, `${format} as ${claimed}: ${faults.join()}`)
      }
    }
  })
})
