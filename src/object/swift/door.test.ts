// The door itself: paths, methods, plain pages, and clients that do not behave, byte by byte.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
  await swift.call('PUT', '/AUTH_p1/c')
  await swift.call('PUT', '/AUTH_p1/c/o', { body: 'old' })
})
after(() => swift.stop())

const head = (method: string, path: string, ...headers: string[]) =>
  [`${method} /object/v1/AUTH_p1/${path} HTTP/1.1`, 'Host: x', 'X-Auth-Token: member@p1', ...headers, '', ''].join('\r\n')
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])
const isOld = async () => assert.equal((await swift.call('GET', '/AUTH_p1/c/o')).text, 'old')

test('paths: unknown version 400, no account 412, NUL and what is not UTF-8 412, unknown method 405', async () => {
  const status = async (method: string, path: string, as: string | null = null) => (await swift.call(method, path, { as })).status
  assert.equal(await status('GET', '!/v2/AUTH_p1'), 400)
  assert.equal(await status('GET', '!/v1'), 412)
  assert.equal(await status('GET', '!/v1/'), 412)
  assert.equal(await status('GET', '!/v1//c/o'), 412)
  assert.equal(await status('GET', '!/v1/AUTH_p1//o'), 412)
  assert.equal(await status('GET', '!'), 404)
  assert.equal(await status('GET', '!/'), 404)
  assert.equal(await status('GET', '/AUTH_p1/c/%00'), 412)
  assert.equal(await status('GET', '/AUTH_p1/c/%ff'), 412)
  assert.equal(await status('GET', '!/v1.0/AUTH_p1/c/o', 'member@p1'), 200)
  const patch = await swift.call('PATCH', '/AUTH_p1/c/o', { as: null })
  assert.deepEqual([patch.status, patch.headers['allow']], [405, 'COPY, DELETE, GET, HEAD, OPTIONS, POST, PUT'])
  assert.equal((await swift.call('COPY', '/AUTH_p1/c')).status, 405)
  assert.equal(await status('GET', '!/v1/endpoints/AUTH_p1/c/o', 'member@p1'), 404)
})

test('plain pages ask for no token', async () => {
  const info = await swift.call('GET', '!/info', { as: null })
  assert.deepEqual([info.status, info.json.swift.max_file_size, info.json.swift.container_listing_limit], [200, 5_368_709_122, 10_000])
  assert.ok('container_quotas' in info.json && 'account_quotas' in info.json)
  assert.deepEqual([(await swift.call('GET', '!/healthcheck', { as: null })).text], ['OK'])
  assert.match((await swift.call('GET', '!/crossdomain.xml', { as: null })).text, /cross-domain-policy/)
  assert.equal((await swift.call('POST', '!/info', { as: null })).status, 405)
})

test('errors are a few words, typed, and every answer has a date and a transaction', async () => {
  const { headers, text } = await swift.call('GET', '/AUTH_p1/none/none')
  assert.equal(text, '<html><h1>Not Found</h1><p>The resource could not be found.</p></html>')
  assert.match(String(headers['content-type']), /^text\/html/)
  assert.ok(headers['date'] && headers['x-trans-id'])
})

test('attack: what is refused is refused before the client is told to send its bytes', async () => {
  const expect = 'Expect: 100-continue'
  for (const [status, request] of [
    ['401', head('PUT', 'c/o', 'Content-Length: 5', expect).replace('member@p1', 'nobody')],
    ['404', head('PUT', 'none/o', 'Content-Length: 5', expect)],
    ['412', head('PUT', 'c/o', 'Content-Length: 5', 'If-None-Match: *', expect)],
    ['413', head('PUT', 'c/o', 'Content-Length: 5368709123', expect)],
    ['400', head('PUT', 'c/o', 'Content-Length: 5', 'X-Delete-At: soon', expect)],
  ] as const) {
    const text = await swift.talk(request)
    assert.deepEqual(statuses(text), [status])
    assert.match(text, /connection: close/i)
  }
  await isOld()
})

test('a client that waits for a 100 gets it, and then its answer', async () => {
  const answers = await new Promise<string>((resolve) => {
    const socket = connect(swift.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (text.endsWith('100 Continue\r\n\r\n')) socket.write('12345')
      if (text.includes(' 201 ')) resolve((socket.destroy(), text))
    })
    socket.write(head('PUT', 'c/waits', 'Content-Length: 5', 'Expect: 100-continue'))
  })
  assert.deepEqual(statuses(answers), ['100', '201'])
  assert.equal((await swift.call('GET', '/AUTH_p1/c/waits')).text, '12345')
})

test('attack: a body that is cut off leaves nothing, and what was there stays', async () => {
  const cut = (bytes: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(swift.port, '127.0.0.1', () => socket.write(bytes, () => setTimeout(() => resolve(void socket.destroy()), 50)))
    })
  await cut(`${head('PUT', 'c/o', 'Content-Length: 1000')}only so much`)
  await cut(`${head('PUT', 'c/o', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`)
  await cut(`${head('PUT', 'c/o', 'Content-Length: 1000000')}${'x'.repeat(200_000)}`)
  await isOld()
})

test('attack: neither length nor chunks, both, or a length that is none', async () => {
  assert.deepEqual(statuses(await swift.talk(head('PUT', 'c/o', 'Connection: close'))), ['411'])
  const both = await swift.talk(
    `${head('PUT', 'c/both', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'Connection: close')}5\r\nhello\r\n0\r\n\r\n`,
  )
  assert.ok(['201', '400'].includes(statuses(both)[0] ?? ''), both)
  for (const length of ['-1', 'many', '5, 6', '0x5'])
    assert.deepEqual(statuses(await swift.talk(head('PUT', 'c/o', `Content-Length: ${length}`))), ['400'])
  await isOld()
})

test('requests that follow each other on one connection are answered in order', async () => {
  const text = await swift.talk(
    `${head('PUT', 'c/p1', 'Content-Length: 2')}p1${head('GET', 'c/p1')}${head('GET', 'c/none')}${head('HEAD', 'c/p1')}${head('GET', 'c/o', 'Connection: close')}`,
  )
  assert.deepEqual(statuses(text), ['201', '200', '404', '200', '200'])
  assert.ok(text.endsWith('old'))
})

test('what is sent on one connection without waiting is done one after the other', async () => {
  const writes = ['1', '2', '3'].map((text) => `${head('PUT', 'c/turns', 'Content-Length: 1')}${text}${head('GET', 'c/turns')}`)
  const text = await swift.talk(writes.join('') + head('DELETE', 'c/turns') + head('GET', 'c/turns', 'Connection: close'))
  assert.deepEqual(statuses(text), ['201', '200', '201', '200', '201', '200', '204', '404'])
  assert.deepEqual(
    [...text.matchAll(/\r\n\r\n(\d)HTTP/g)].map((match) => match[1]),
    ['1', '2', '3'],
  )
})

test('attack: a refused body does not become the next request', async () => {
  const smuggled = head('DELETE', 'c/o')
  const text = await swift.talk(
    `${head('PUT', 'none/x', `Content-Length: ${smuggled.length}`)}${smuggled}${head('HEAD', 'c/o', 'Connection: close')}`,
  )
  assert.deepEqual(statuses(text), ['404', '200'])
  const waited = await swift.talk(`${head('PUT', 'none/x', `Content-Length: ${smuggled.length}`, 'Expect: 100-continue')}${smuggled}`)
  assert.deepEqual(statuses(waited), ['404'])
  await isOld()
})

test('attack: a huge body that is refused is not read to its end', async () => {
  const text = await swift.talk(`${head('PUT', 'none/x', 'Content-Length: 4000000000')}${'x'.repeat(100_000)}`, 500)
  assert.deepEqual(statuses(text), ['404'])
  assert.match(text, /connection: close/i)
})

test('header values with bytes that are not ASCII come back byte by byte', async () => {
  const name = Buffer.from(
    head('PUT', 'c/bytes', 'Content-Length: 0', 'X-Object-Meta-Raw: \u00fcmlaut Grü\u00df', 'Connection: close'),
    'latin1',
  )
  await swift.talk(name as Buffer)
  const { headers } = await swift.call('HEAD', '/AUTH_p1/c/bytes')
  assert.ok(headers['x-object-meta-raw'])
})

test('attack: internal headers are neither taken nor shown', async () => {
  const headers = {
    'X-Object-Sysmeta-Secret': '1',
    'X-Backend-Storage-Policy-Index': '3',
    'X-Container-Host': '127.0.0.1:1',
    'X-Timestamp': '1.00000',
    'X-Object-Transient-Sysmeta-A': '1',
  }
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/internal', { body: 'x', headers })).status, 201)
  const shown = (await swift.call('HEAD', '/AUTH_p1/c/internal')).headers
  assert.deepEqual(
    Object.keys(shown).filter((name) => /sysmeta|backend|host/.test(name)),
    [],
  )
  assert.notEqual(shown['x-timestamp'], '1.00000')
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/slo', { body: 'x', headers: { 'X-Static-Large-Object': 'true' } })).status, 400)
})

test('attack: a header cannot be broken in two by what a name or value holds', async () => {
  const name = 'c/%0d%0aX-Evil:%201'
  assert.equal((await swift.call('PUT', `/AUTH_p1/${name}`, { body: 'x' })).status, 201)
  const copied = await swift.call('COPY', `/AUTH_p1/${name}`, { headers: { Destination: 'c/copied' } })
  assert.deepEqual([copied.status, copied.headers['x-evil'], copied.headers['x-copied-from']], [201, undefined, 'c/%0D%0AX-Evil%3A%201'])
})

test('attack: an underscore in a framing header does not change how long the body is', async () => {
  await swift.call('PUT', '/AUTH_p1/framed')
  for (const name of ['Content_Length', 'Transfer_Encoding'])
    for (const value of ['0', '3', 'abc', '-1', 'chunked']) {
      const made = await swift.call('PUT', '/AUTH_p1/framed/o', { body: 'hello', headers: { [name]: value } })
      assert.equal(made.status, 201, `${name}: ${value}`)
      assert.equal((await swift.call('GET', '/AUTH_p1/framed/o')).text, 'hello')
    }
})
