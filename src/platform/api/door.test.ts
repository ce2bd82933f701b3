// A door gets its requests as they were sent: what the listener's own reading takes away or adds is there, or is not.
import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { createListener, type Listener } from './listener.ts'
import type { Door } from './door.ts'
import { injectInto } from '../../../test/support/inject.ts'

let cloud: TestCloud
let app: Listener
let port: number

/** requests that are being answered, and the most at once */
const busy = { now: 0, most: 0 }

const echo: Door = {
  prefix: '/echo',
  async handle(request, response) {
    busy.most = Math.max(busy.most, ++busy.now)
    using _over = { [Symbol.dispose]: () => void busy.now-- }
    if (request.url === '/echo/bug') throw new Error('a bug')
    if (request.headers['x-refuse']) return void response.writeHead(413, { connection: 'close' }).end()
    if (request.headers.expect) response.writeContinue()
    const body = (await request.toArray()).join('')
    response.writeHead(200).end(`${request.method} ${request.url} ${request.rawHeaders.includes('X-As-Sent')} ${body}`)
  },
}

before(async () => {
  cloud = await startTestCloud()
  app = createListener(cloud.platform, { services: cloud.platform.services, doors: [echo], authenticate: async () => null })
  await app.listen({ address: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
after(async () => {
  await app.close()
  await cloud.stop()
})

/** All that comes back until the connection ends. */
function say(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => void (heard += chunk))
    socket.on('close', () => resolve(heard))
    socket.on('error', reject)
  })
}
const request = (line: string, headers = '', body = '') =>
  `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`

test('a door gets path, method, header names and body as they were sent', async () => {
  for (const line of ['PUT /echo//a/../b/%2F/?x=%41&x=', 'COPY /echo/a', 'OPTIONS /echo/a', 'GET /echo?a', 'GET /echo'])
    assert.ok((await say(request(line, 'X-As-Sent: 1\r\n', 'abc'))).includes(`\r\n${line} true abc\r\n`), line)
  assert.match(
    await say(request(`GET /echo/${'n'.repeat(3072)}?${'p=1&'.repeat(2000)}`, `X-Meta: ${'v'.repeat(20_000)}\r\n`)),
    /^HTTP\/1.1 200/,
  )
})

test('what only begins like a door’s prefix, or is as long for another service, is not a door’s', async () => {
  assert.match(await say(request('GET /echoes')), /^HTTP\/1.1 404/)
  assert.match(await say(request('GET /identity/v3', `X-Meta: ${'v'.repeat(20_000)}\r\n`)), /^HTTP\/1.1 431/)
})

test('whoever waits for 100 Continue is refused by a door before the body is sent, or told by it to go on', async () => {
  const waiting = 'Expect: 100-continue\r\n'
  assert.match(await say(request('PUT /echo/a', `${waiting}X-Refuse: 1\r\n`)), /^HTTP\/1.1 413/)
  assert.match(await say(request('PUT /echo/a', waiting, 'abc')), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200/)
  assert.match(await say(request('POST /identity/v3/auth/tokens', waiting, 'abc')), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 400/)
})

test('a bug in a door is one answer of 500', async () => assert.match(await say(request('GET /echo/bug')), /^HTTP\/1.1 500/))

test('a door is reached in process too', async () => {
  for (const method of ['PUT', 'COPY', 'OPTIONS']) {
    const answer = await injectInto(app, { method: method as 'PUT', url: '/echo/a', payload: 'abc' })
    assert.equal(answer.payload, `${method} /echo/a false abc`)
  }
})

test('requests that follow each other on one connection without waiting are answered one after the other', async () => {
  busy.most = 0
  const first = 'PUT /echo/first HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
  const heard = await say(`${first}${first}${request('GET /echo/last')}`)
  assert.deepEqual([heard.match(/PUT \/echo\/first false abc/g)?.length, heard.match(/GET \/echo\/last false/g)?.length], [2, 1])
  assert.equal(busy.most, 1)
})
