// F20 through the API: what stands on another image or hides one is refused with Glance's answer and nothing is kept;
// what is whole becomes active with the size of the disk in it.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { injectInto } from '../../test/support/inject.ts'

const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false
const dataDir = mkdtempSync(join(tmpdir(), 'image-formats-'))
let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ config: { dataDir } })))
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

const as = 'member@p1'
const url = '/image/v2/images'

function made(format: string, ...options: string[]): Buffer {
  const path = join(dataDir, 'made')
  execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, path, '4M'])
  return readFileSync(path)
}

/** Uploads or stages it; the status of the answer and the image as it is then. */
async function put(image: { disk_format: string; container_format?: string }, bytes: Buffer, way: 'file' | 'stage') {
  const { body } = await cloud.request('POST', url, { as, body: { name: 'i', container_format: 'bare', ...image } })
  const { status, text } = await cloud.request('PUT', `${url}/${body.id}/${way}`, {
    as,
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  return { status, text, image: (await cloud.request('GET', `${url}/${body.id}`, { as })).body }
}

test('F20 a differencing vhdx, vdi or vhd, a qcow2 with snapshots, a cut one: 415, queued, no file', { skip }, async () => {
  const changed = (image: Buffer, change: (copy: Buffer) => void) => (change(image), image)
  const kinds: [string, Buffer][] = [
    [
      'vhdx',
      changed(made('vhdx'), (image) => {
        const metadata = image.indexOf('metadata')
        const flags = metadata + image.readUInt32LE(image.indexOf(Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex')) + 16) + 4
        image.writeUInt32LE(2, flags)
      }),
    ],
    ['vdi', changed(made('vdi'), (image) => image.writeUInt32LE(4, 76))],
    ['vhd', changed(made('vpc'), (image) => image.writeUInt32BE(4, 60))],
    ['qcow2', changed(made('qcow2'), (image) => image.writeUInt32BE(1, 60))],
    ['qcow2', made('qcow2', '-o', 'preallocation=metadata').subarray(0, 200_000)],
    ['vmdk', made('vmdk', '-o', 'subformat=monolithicFlat')],
  ]
  for (const way of ['file', 'stage'] as const) {
    for (const [disk_format, bytes] of kinds) {
      for (const container_format of ['bare', 'ova']) {
        const { status, text, image } = await put({ disk_format, container_format }, bytes, way)
        assert.deepEqual([status, image.status, image.size], [415, 'queued', null], `${disk_format} ${text}`)
        assert.match(text, /Image failed safety checks/)
        assert.deepEqual(readdirSync(join(dataDir, 'images')), [])
      }
    }
  }
})

test('first use 20 each whole format becomes active with its virtual size, and its bytes stay', { skip }, async () => {
  for (const [disk_format, format, ...options] of [
    ['vhdx', 'vhdx'],
    ['vdi', 'vdi'],
    ['vhd', 'vpc', '-o', 'force_size=on'],
    ['vmdk', 'vmdk'],
    ['qcow2', 'qcow2'],
  ] as [string, string, ...string[]][]) {
    const bytes = made(format, ...options)
    const { status, image } = await put({ disk_format }, bytes, 'file')
    assert.deepEqual(
      [status, image.status, image.disk_format, image.size, image.virtual_size],
      [204, 'active', disk_format, bytes.length, 4 * 2 ** 20],
    )
    const kept = await injectInto(cloud.app, { method: 'GET', url: `${url}/${image.id}/file`, headers: { 'x-auth-token': as } })
    assert.ok(kept.rawPayload.equals(bytes))
  }
  // compressed bytes under the name of raw are bytes, as in Glance; no disk is made from them under another name
  const xz = Buffer.concat([Buffer.from('fd377a585a00', 'hex'), Buffer.alloc(3000, 3)])
  assert.deepEqual((await put({ disk_format: 'raw' }, xz, 'file')).image.virtual_size, xz.length)
  assert.equal((await put({ disk_format: 'qcow2' }, xz, 'file')).status, 415)
  for (const disk_format of ['vmdk', 'vdi', 'vhd', 'vhdx', 'iso']) {
    const { status, image } = await put({ disk_format }, xz, 'file')
    assert.deepEqual([status, image.virtual_size], [204, null], disk_format)
  }
  // what a container holds is its own business
  assert.equal((await put({ disk_format: 'vmdk', container_format: 'ova' }, xz, 'file')).image.status, 'active')
})
