// When a fetch fails, its sink: nothing is made for an image that is not there, and nothing is written after the failure is told.
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { imageSourceOf } from '../../../test/support/fake-lab.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { receiveImage } from './receive.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'

const call = { fence: 1, requestId: 'req-test' }
const content = tinyQcow2(2 ** 20)

test('for an image that is not there no file is made, which its caller would have to remove before it is open', async () => {
  const sink = () => assert.fail('there is nothing to write')
  await assert.rejects(receiveImage(imageSourceOf('image-1', content), 'missing', { sink, call, clock: createTestClock() }), {
    code: 'not_found',
  })
})

test('a failure is told when the file is closed, though it was still being opened', async () => {
  const opened = Promise.withResolvers<void>()
  let isClosed = false
  const sink = () =>
    new Writable({ construct: (done) => void opened.promise.then(() => done()), write: (_chunk, _encoding, done) => done() }).once(
      'close',
      () => (isClosed = true),
    )
  const source = { open: async () => ({ ...(await imageSourceOf('image-1', content).open('image-1')), sizeBytes: 1 }) }
  const failed = assert.rejects(receiveImage(source, 'image-1', { sink, call, clock: createTestClock() }), { code: 'bad_image' })
  setImmediate(opened.resolve)
  await failed
  assert.ok(isClosed)
})
