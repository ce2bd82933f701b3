// Both image caches under one suite. The real one needs neither root nor QEMU: only files.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createFakeWorld } from '../fake-world.ts'
import { imageSourceOf } from '../../../test/support/fake-lab.ts'
import { memoryJournal } from '../journal.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { imagesConformance } from './conformance.ts'
import { createFakeImages } from './fake.ts'
import { createImageFiles } from './files.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'

imagesConformance('fake', async (source) => {
  const used: string[] = []
  const clock = createTestClock()
  const world = createFakeWorld({ journal: memoryJournal(), clock, random: () => 0 })
  return { images: createFakeImages(world, { source, inUse: async () => used }), clock, used, close: async () => undefined }
})

imagesConformance('file', async (source) => {
  const used: string[] = []
  const directory = mkdtempSync(join(tmpdir(), 'images-'))
  const clock = createTestClock()
  const images = await createImageFiles({ directory, source, clock, user: null, inUse: async () => used })
  return {
    images,
    clock,
    used,
    async close() {
      assert.deepEqual(
        readdirSync(directory).filter((name) => /\.(part|new)$/.test(name)),
        [],
        'no half file is left',
      )
      rmSync(directory, { recursive: true })
    },
  }
})

describe('the file image cache', () => {
  test('outlives the process, but what it left half fetched or half removed goes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'images-'))
    const options = {
      directory,
      source: imageSourceOf('image-1', tinyQcow2(2 ** 20)),
      clock: createTestClock(),
      user: null,
      inUse: async () => [],
    }
    const { path } = await (await createImageFiles(options)).ensure('image-1', { fence: 1, requestId: 'r' })
    for (const half of ['image-2.part', 'image-3.qcow2', 'image-4.json.new']) writeFileSync(join(directory, half), 'half')
    const source = { open: () => assert.fail('it is there already') }
    const next = await createImageFiles({ ...options, source })
    assert.equal((await next.ensure('image-1', { fence: 1, requestId: 'r' })).path, path)
    assert.deepEqual(readdirSync(directory).sort(), ['image-1.json', 'image-1.qcow2'])
    rmSync(directory, { recursive: true })
  })

  test('an id that is a path is no id', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'images-'))
    const images = await createImageFiles({
      directory,
      source: imageSourceOf('x', tinyQcow2(1)),
      clock: createTestClock(),
      user: null,
      inUse: async () => [],
    })
    await assert.rejects(images.ensure('../../etc/passwd', { fence: 1, requestId: 'r' }), { code: 'not_found' })
    rmSync(directory, { recursive: true })
  })
})
