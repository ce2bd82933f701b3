// The config drive's image, read back by an independent reader of the Joliet tree written here and, where the machine
// has one, by genisoimage's isoinfo.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isoImage } from './iso9660.ts'

/** Path → content, by walking the directories from the Joliet descriptor. */
function readBack(image: Buffer): Record<string, string> {
  const files: Record<string, string> = {}
  const walk = (sector: number, bytes: number, prefix: string) => {
    const content = image.subarray(sector * 2048, sector * 2048 + bytes)
    for (let at = 0; at < content.length;) {
      const length = content[at] ?? 0
      if (length === 0) {
        at = (Math.floor(at / 2048) + 1) * 2048
        continue
      }
      const raw = content.subarray(at + 33, at + 33 + (content[at + 32] ?? 0))
      const [start, size] = [content.readUInt32LE(at + 2), content.readUInt32LE(at + 10)]
      if (raw.length > 1) {
        const name = Buffer.from(raw).swap16().toString('utf16le')
        if ((content[at + 25] ?? 0) & 2) walk(start, size, `${prefix}${name}/`)
        else files[prefix + name] = image.toString('utf8', start * 2048, start * 2048 + size)
      }
      at += length
    }
  }
  const descriptor = image.subarray(17 * 2048, 18 * 2048)
  assert.equal(descriptor.toString('latin1', 0, 6), '\x02CD001')
  walk(descriptor.readUInt32LE(158), descriptor.readUInt32LE(166), '')
  return files
}

const drive = {
  'openstack/latest/meta_data.json': '{"uuid": "1"}',
  'openstack/latest/user_data': '#!/bin/sh\n'.repeat(700),
  'openstack/2018-08-27/network_data.json': '{"ü": 1}',
  'openstack/content/0000': '',
  'ec2/latest/meta-data.json': '{}',
}

describe('the ISO 9660 writer', () => {
  test('what goes in comes out, long names and empty files too', () => assert.deepEqual(readBack(isoImage('config-2', drive)), drive))

  test('directories that do not fit into one sector are read whole', () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`openstack/content/${'x'.repeat(50)}${n}`, `${n}`]))
    assert.deepEqual(readBack(isoImage('config-2', many)), many)
  })

  test('the same content gives the same bytes', () => assert.deepEqual(isoImage('config-2', drive), isoImage('config-2', { ...drive })))

  test('a path that leaves the drive is refused', () => assert.throws(() => isoImage('config-2', { '../etc/passwd': 'x' }), /not a path/))

  const isoinfo = spawnSync('isoinfo', ['-version']).error ? 'isoinfo is not installed' : false
  test('isoinfo agrees about the label and every file', { skip: isoinfo }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'iso-'))
    const path = join(directory, 'drive.iso')
    writeFileSync(path, isoImage('config-2', drive))
    assert.match(execFileSync('isoinfo', ['-d', '-i', path], { encoding: 'utf8' }), /^Volume id: config-2 *$/m)
    const list = execFileSync('isoinfo', ['-f', '-J', '-i', path], { encoding: 'utf8' })
    for (const file of Object.keys(drive)) assert.ok(list.split('\n').includes(`/${file}`), file)
    assert.equal(
      execFileSync('isoinfo', ['-J', '-i', path, '-x', '/openstack/latest/user_data'], { encoding: 'utf8' }),
      drive['openstack/latest/user_data'],
    )
    rmSync(directory, { recursive: true })
  })
})
