// What a machine says it has.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { diskUseBytes } from './guests/disk-use.ts'
import { diskSizes } from './inventory.ts'

const GiB = 2 ** 30
const fileSystem = (totalGib: number, freeGib: number) => ({ blocks: (totalGib * GiB) / 4096, bavail: (freeGib * GiB) / 4096, bsize: 4096 })

test('first use 14 what others take of the file system is reserved, what guests take is theirs', () => {
  assert.deepEqual(diskSizes(fileSystem(242, 73), 40 * GiB), { diskGib: 242, diskReservedGib: 129, diskFreeGib: 73 })
  assert.deepEqual(diskSizes(fileSystem(100, 100), 0), { diskGib: 100, diskReservedGib: 0, diskFreeGib: 100 })
  assert.deepEqual(diskSizes(fileSystem(0.5, 0.2), 0), { diskGib: 0, diskReservedGib: 0, diskFreeGib: 0 })
})

test('first use 14 a guest’s disk counts with the blocks that it has, not with its length; a directory that is gone with none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'disk-use-'))
  try {
    writeFileSync(join(directory, 'written'), Buffer.alloc(65_536, 1))
    writeFileSync(join(directory, 'sparse'), '')
    truncateSync(join(directory, 'sparse'), 10 * GiB)
    const bytes = await diskUseBytes(directory)
    assert.ok(bytes >= 65_536 && bytes < 1_048_576, String(bytes))
    assert.equal(await diskUseBytes(join(directory, 'gone')), 0)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
