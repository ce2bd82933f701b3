import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Complaint } from './complaint.ts'
import { parseListen, urlOf } from './listen-option.ts'

test('--listen takes an address and a port, or a port alone', () => {
  assert.deepEqual(parseListen('10.0.0.5:8774'), { address: '10.0.0.5', port: 8774 })
  assert.deepEqual(parseListen('9001'), { address: '127.0.0.1', port: 9001 })
  assert.deepEqual(parseListen('[::1]:9000'), { address: '::1', port: 9000 })
})

test('a --listen that cannot be is refused with an example', () => {
  for (const text of ['', 'localhost:9000', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '1.2.3:9000', '::1:9000', '9000x']) {
    assert.throws(() => parseListen(text), (error) => error instanceof Complaint && /127\.0\.0\.1:9000/.test(error.message), text)
  }
})

test('clients reach a listener on every address by the loopback', () => {
  assert.equal(urlOf({ address: '0.0.0.0', port: 9000 }), 'http://127.0.0.1:9000')
  assert.equal(urlOf({ address: '::', port: 9000 }), 'http://[::1]:9000')
  assert.equal(urlOf({ address: '10.0.0.5', port: 80 }), 'http://10.0.0.5:80')
})
