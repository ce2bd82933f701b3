// The image inspector against images that lie. The honest ones are made by qemu-img where it is installed.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { faultsOfClaim, inspectImage } from './inspect.ts'
import { tinyQcow2 } from './tiny-qcow2.ts'

const GiB = 2 ** 30
const changed = (change: (image: Buffer) => void) => {
  const image = tinyQcow2(GiB)
  change(image)
  return inspectImage(image)
}
const vmdk = (descriptor: string, magic = 'KDMV') => {
  const image = Buffer.alloc(65_536)
  image.write(magic, 0, 'latin1')
  image.writeUInt32LE(1, 4)
  image.writeBigUInt64LE(2048n, 12)
  image.writeBigUInt64LE(1n, 28)
  image.writeBigUInt64LE(20n, 36)
  image.write(descriptor, 512)
  return inspectImage(image)
}

describe('the image inspector', () => {
  test('an honest qcow2', () => assert.deepEqual(inspectImage(tinyQcow2(GiB)), { format: 'qcow2', virtualSizeBytes: GiB, faults: [] }))

  test('attack-14: a backing file', () => {
    assert.deepEqual(changed((image) => image.writeBigUInt64BE(512n, 8)).faults, ['the image has a backing file'])
    assert.deepEqual(changed((image) => image.writeUInt32BE(11, 16)).faults, ['the image has a backing file'])
  })

  test('attack-14: an external data file, by its feature bit or by its name alone', () => {
    assert.deepEqual(changed((image) => image.writeBigUInt64BE(4n, 72)).faults, ['the image has an external data file'])
    const named = changed((image) => {
      image.writeUInt32BE(0x44415441, 104)
      image.writeUInt32BE(11, 108)
      image.write('/etc/shadow', 112)
    })
    assert.deepEqual(named.faults, ['the image names an external data file'])
  })

  test('unknown incompatible features, encryption, corruption', () => {
    assert.match(changed((image) => image.writeBigUInt64BE(1n << 40n, 72)).faults.join(), /unknown incompatible features/)
    assert.match(changed((image) => image.writeUInt32BE(1, 32)).faults.join(), /encrypted/)
    assert.match(changed((image) => image.writeBigUInt64BE(2n, 72)).faults.join(), /corrupt/)
  })

  test('an absurd virtual size, and tables that do not fit it', () => {
    assert.match(changed((image) => image.writeBigUInt64BE(1n << 62n, 24)).faults.join(), /virtual size/)
    assert.match(changed((image) => image.writeBigUInt64BE(1n << 40n, 24)).faults.join(), /L1 table is too small/)
    assert.match(changed((image) => image.writeUInt32BE(0xffffffff, 36)).faults.join(), /L1 table is larger/)
    assert.match(changed((image) => image.writeUInt32BE(31, 20)).faults.join(), /cluster_bits/)
  })

  test('header extensions that never end', () => {
    assert.notDeepEqual(changed((image) => image.fill(1, 104, clusterEnd)).faults, [])
    assert.notDeepEqual(changed((image) => image.writeUInt32BE(1_000_000, 100)).faults, [])
  })

  test('attack-15: a VMDK that points at other files', () => {
    assert.match(inspectImage(Buffer.from('# Disk DescriptorFile\n')).faults.join(), /only a descriptor/)
    assert.match(vmdk('createType="monolithicFlat"\nRW 2048 FLAT "/etc/passwd" 0\n').faults.join(), /not self-contained.*outside/)
    assert.match(vmdk('createType="monolithicSparse"\nRW 2048 SPARSE "/etc/passwd"\n').faults.join(), /outside/)
    assert.match(vmdk('createType="monolithicSparse"\nRW 1 SPARSE "a"\nRW 1 SPARSE "b"\n').faults.join(), /2 extents/)
    assert.deepEqual(vmdk('createType="streamOptimized"\nRW 2048 SPARSE "disk.vmdk"\n'), {
      format: 'vmdk',
      virtualSizeBytes: 2 ** 20,
      faults: [],
    })
  })

  test('attack-16: raw that carries a qcow2 header is not taken for raw', () => {
    assert.match(faultsOfClaim('raw', inspectImage(tinyQcow2(GiB))).join(), /disk_format raw does not match stream data qcow2/)
    assert.match(faultsOfClaim('qcow2', inspectImage(Buffer.alloc(4096))).join(), /disk_format qcow2 does not match stream data raw/)
  })

  test('two formats at once', () => {
    const image = Buffer.alloc(131_072)
    tinyQcow2(GiB).copy(image)
    image.write('\x01CD001', 0x8000, 'latin1')
    assert.match(inspectImage(image).faults.join(), /qcow2 and iso at once/)
  })

  test('disks with partitions and bootable CDs are what they are', () => {
    const disk = Buffer.alloc(131_072)
    disk.writeUInt16LE(0xaa55, 510)
    disk[450] = 0x83
    assert.deepEqual(inspectImage(disk), { format: 'gpt', virtualSizeBytes: null, faults: [] })
    disk.write('\x01CD001', 0x8000, 'latin1')
    assert.deepEqual(inspectImage(disk), { format: 'iso', virtualSizeBytes: null, faults: [] })
    assert.deepEqual(faultsOfClaim('raw', inspectImage(disk)), [])
    assert.deepEqual(inspectImage(Buffer.from('tiny')), { format: 'raw', virtualSizeBytes: null, faults: [] })
  })

  test('no bytes make it throw', () => {
    const heads = ['QFI\xfb\0\0\0\x03', 'QFI\xfb\0\0\0\x02', 'KDMV', 'conectix', 'QED\0', ''].map((magic) => Buffer.from(magic, 'latin1'))
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 2048 }), (magic, rest) => {
        const { faults } = inspectImage(Buffer.concat([magic, rest]))
        assert.ok(Array.isArray(faults))
      }),
      { numRuns: 2000 },
    )
  })

  const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false
  test('what qemu-img makes is known; what it would open elsewhere is refused; our tiny image is sound', { skip }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'inspect-'))
    const at = (name: string) => join(directory, name)
    const make = (name: string, ...options: string[]) => {
      execFileSync('qemu-img', ['create', '-q', ...options.slice(0, -1), at(name), ...options.slice(-1)])
      return inspectImage(readFileSync(at(name)))
    }
    assert.deepEqual(make('v3', '-f', 'qcow2', '3G'), { format: 'qcow2', virtualSizeBytes: 3 * GiB, faults: [] })
    assert.deepEqual(make('v2', '-f', 'qcow2', '-o', 'compat=0.10', '3G'), { format: 'qcow2', virtualSizeBytes: 3 * GiB, faults: [] })
    assert.deepEqual(make('ext', '-f', 'qcow2', '-o', 'extended_l2=on,compression_type=zstd', '1G').faults, [])
    assert.deepEqual(make('vmdk', '-f', 'vmdk', '1G'), { format: 'vmdk', virtualSizeBytes: GiB, faults: [] })
    assert.equal(make('flat', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', '1G').faults.length, 1)
    assert.deepEqual(make('vhd', '-f', 'vpc', '-o', 'subformat=dynamic', '1G').format, 'vhd')
    assert.deepEqual(make('vdi', '-f', 'vdi', '1G'), { format: 'vdi', virtualSizeBytes: GiB, faults: [] })
    assert.deepEqual(make('overlay', '-f', 'qcow2', '-b', at('v3'), '-F', 'qcow2', '3G').faults, ['the image has a backing file'])
    assert.match(make('data', '-f', 'qcow2', '-o', `data_file=${at('elsewhere')}`, '1G').faults.join(), /external data file/)
    writeFileSync(at('tiny'), tinyQcow2(700 * GiB))
    assert.match(execFileSync('qemu-img', ['check', '-f', 'qcow2', at('tiny')], { encoding: 'utf8' }), /No errors were found/)
    rmSync(directory, { recursive: true })
  })
})

const clusterEnd = 16_384
