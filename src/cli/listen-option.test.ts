import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Complaint } from './complaint.ts'
import { listenWarnings, parseListen, parsePublicUrl, urlOf } from './listen-option.ts'

test('--listen takes an address and a port, or a port alone', async () => {
  assert.deepEqual(await parseListen('10.0.0.5:8774'), { address: '10.0.0.5', port: 8774 })
  assert.deepEqual(await parseListen('9001'), { address: '127.0.0.1', port: 9001 })
  assert.deepEqual(await parseListen('[::1]:9000'), { address: '::1', port: 9000 })
})

test('first use 3: --listen takes a name that has an address', async () => {
  const { address, port } = await parseListen('localhost:9000')
  assert.ok(['127.0.0.1', '::1'].includes(address), address)
  assert.equal(port, 9000)
  await assert.rejects(
    parseListen('no-such-name.invalid:9000'),
    (error) => error instanceof Complaint && /no-such-name/.test(error.message),
  )
})

test('a --listen that cannot be is refused with an example', async () => {
  for (const text of ['', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '1.2.3:9000', '::1:9000', '9000x', 'a b:9000', '-x:9000']) {
    await assert.rejects(parseListen(text), (error) => error instanceof Complaint && /127\.0\.0\.1:9000/.test(error.message), text)
  }
})

test('clients reach a listener on every address by the loopback', () => {
  assert.equal(urlOf({ address: '0.0.0.0', port: 9000 }), 'http://127.0.0.1:9000')
  assert.equal(urlOf({ address: '::', port: 9000 }), 'http://[::1]:9000')
  assert.equal(urlOf({ address: '10.0.0.5', port: 80 }), 'http://10.0.0.5:80')
})

test('first use 3: --public-url is taken without its last slash, and what is none is refused', () => {
  assert.equal(parsePublicUrl('https://cloud.example/'), 'https://cloud.example')
  assert.equal(parsePublicUrl('https://cloud.example:8443/one/'), 'https://cloud.example:8443/one')
  for (const text of ['cloud.example', 'ftp://cloud.example', 'https://a/?b', 'https://user:pw@a', ''])
    assert.throws(() => parsePublicUrl(text), Complaint, text)
})

test('first use 3: who opens a cloud to others is told what that means', () => {
  assert.deepEqual(listenWarnings({ address: '127.0.0.1', port: 9000 }, undefined), [])
  assert.deepEqual(listenWarnings({ address: '0.0.0.0', port: 9000 }, 'https://cloud.example'), [])
  const open = listenWarnings({ address: '0.0.0.0', port: 9000 }, undefined)
  assert.match(open.join('\n'), /without TLS[\s\S]*--public-url/)
  assert.equal(listenWarnings({ address: '10.0.0.5', port: 9000 }, undefined).length, 1)
})
