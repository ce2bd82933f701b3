// The life of a request, on a service made for the test.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Type } from './type.ts'
import { testAuthenticate } from '../../../test/support/cloud.ts'
import { systemClock } from '../clock.ts'
import { defaultConfig } from '../config.ts'
import type { Platform } from '../context.ts'
import { ApiError } from '../errors.ts'
import { HostRegistry } from '../hosts.ts'
import { systemIds } from '../ids.ts'
import { silentLog, type Log } from '../log.ts'
import { openSqlite } from '../store/sqlite.ts'
import { createStore } from '../store/store.ts'
import { createWorkQueue } from '../work/queue.ts'
import { novaErrors } from './error-formats.ts'
import { createListener, type Listener } from './listener.ts'
import { operation, Reply, type Service } from './operation.ts'
import { Policy } from './policy.ts'
import { injectInto } from '../../../test/support/inject.ts'

const action = (name: string, versions?: [string, string | null]) =>
  operation({
    method: 'POST',
    path: '/things/:id/action',
    action: name,
    summary: name,
    policy: 'thing:act',
    status: 202,
    body: Type.Object({}),
    ...(versions ? { versions } : {}),
    handler: async (ctx) => (ctx.authorize(), { did: name }),
  })

const service: Service = {
  type: 'thing',
  prefix: '/thing',
  bases: ['/v1'],
  errors: novaErrors,
  microversions: { min: '1.0', max: '1.9', service: 'thing' },
  operations: [
    operation({ method: 'GET', path: '^/', summary: 'versions', policy: null, status: 200, handler: async () => ({ versions: [] }) }),
    operation({
      method: 'GET',
      path: '/forgetful',
      summary: 'asks nobody',
      policy: 'thing:act',
      status: 200,
      handler: async () => ({ secret: 1 }),
    }),
    operation({
      method: 'GET',
      path: '/broken',
      summary: 'a bug',
      policy: null,
      status: 200,
      handler: async () => {
        throw new TypeError('the secret is 42')
      },
    }),
    operation({
      method: 'GET',
      path: '/full',
      summary: 'an error',
      policy: null,
      status: 200,
      handler: async () => {
        throw new ApiError('conflict', 'no room')
      },
    }),
    operation({
      method: 'GET',
      path: '/bytes',
      summary: 'a stream',
      policy: null,
      status: 200,
      handler: async () => new Reply(Readable.from(['by', 'tes']), { headers: { 'content-type': 'text/plain' } }),
    }),
    operation({
      method: 'GET',
      path: '/torn',
      summary: 'a stream that fails half way',
      policy: null,
      status: 200,
      handler: async () => new Reply(Readable.from(torn()), { headers: { 'content-type': 'text/plain' } }),
    }),
    operation({
      method: 'PUT',
      path: '/bytes',
      summary: 'an upload that is refused half way',
      policy: null,
      status: 204,
      stream: true,
      async handler(_ctx, { stream }) {
        await once(stream, 'data')
        stream.pause()
        throw new ApiError('insufficient_storage')
      },
    }),
    operation({
      method: 'PUT',
      path: '/found/:id',
      summary: 'looks up first',
      policy: 'thing:act',
      status: 200,
      body: Type.Object({}),
      async target(ctx, { params }) {
        if (params['id'] === 'none') throw new ApiError('not_found')
        ctx.authorize({ project_id: params['id'] === 'own' ? 'p1' : 'p2' }, 'thing:own')
      },
      handler: async () => ({}),
    }),
    action('turn'),
    action('jump', ['1.5', null]),
  ],
}

async function* torn(): AsyncGenerator<string> {
  yield 'by'
  throw new Error('the disk is gone')
}

let app: Listener
const logged: string[] = []
before(() => {
  const policy = new Policy()
  policy.load({ 'thing:act': 'role:member', 'thing:own': 'role:member and project_id:%(project_id)s' })
  const log: Log = {
    ...silentLog,
    error: (fields, message) => void logged.push(`${message}: ${String('err' in fields ? fields.err : '')}`),
    child: () => log,
  }
  const platform: Platform = {
    config: { ...defaultConfig, dataDir: '', publicUrl: 'http://here', logLevel: 'error' },
    store: createStore('sqlite', openSqlite(':memory:').dialect, { clock: systemClock, ids: systemIds }),
    clock: systemClock,
    ids: systemIds,
    log,
    policy,
    hosts: new HostRegistry(),
    work: createWorkQueue(() => {}),
    exclusive: true,
    services: [],
    stores: new Map(),
    caches: new Map(),
  }
  app = createListener(platform, { services: [service], authenticate: testAuthenticate })
})
after(() => app.close())

const act = (body: unknown, headers: Record<string, string> = {}) =>
  injectInto(app, {
    method: 'POST',
    url: '/thing/v1/things/1/action',
    headers: { 'x-auth-token': 'member@p1', ...headers },
    payload: body as object,
  })

test('an operation that answers without having asked the policy is refused as a bug', async () => {
  const answer = await injectInto(app, { url: '/thing/v1/forgetful', headers: { 'x-auth-token': 'admin@p1' } })
  assert.equal(answer.statusCode, 500)
  assert.ok(!answer.payload.includes('secret'))
})

test('a bug tells the user nothing of its insides, only the request id', async () => {
  const answer = await injectInto(app, { url: '/thing/v1/broken' })
  assert.equal(answer.statusCode, 500)
  assert.ok(!answer.payload.includes('42'))
  assert.match(String(answer.headers['x-openstack-request-id']), /^req-[0-9a-f-]{36}$/)
})

test('an error is written in the service’s own format', async () => {
  assert.deepEqual((await injectInto(app, { url: '/thing/v1/full' })).json(), { conflictingRequest: { code: 409, message: 'no room' } })
})

test('actions are chosen by the body’s only key and by microversion', async () => {
  assert.deepEqual((await act({ turn: {} })).json(), { did: 'turn' })
  assert.equal((await act({ jump: {} })).statusCode, 400)
  assert.deepEqual((await act({ jump: {} }, { 'openstack-api-version': 'thing 1.5' })).json(), { did: 'jump' })
  assert.equal((await act({ turn: {}, jump: {} })).statusCode, 400)
  assert.equal((await act({ turn: 7 })).statusCode, 400)
})

test('the policy’s no is 403, a missing token 401, an unknown path 404, a wrong method 405 with Allow', async () => {
  assert.equal((await act({ turn: {} }, { 'x-auth-token': 'reader@p1' })).statusCode, 403)
  assert.equal((await act({ turn: {} }, { 'x-auth-token': '' })).statusCode, 401)
  assert.equal((await injectInto(app, { url: '/thing/v1/none' })).statusCode, 404)
  const wrong = await injectInto(app, { method: 'DELETE', url: '/thing/v1/broken' })
  assert.equal(wrong.statusCode, 405)
  assert.equal(wrong.headers['allow'], 'GET')
})

test('a stream is sent as it is, and a path may end with a slash', async () => {
  const answer = await injectInto(app, { url: '/thing/v1/bytes/' })
  assert.equal(answer.payload, 'bytes')
  assert.equal(answer.headers['content-type'], 'text/plain')
})

test('a stream that fails breaks the connection, and the log says why', async () => {
  await assert.rejects(injectInto(app, { url: '/thing/v1/torn' }))
  assert.deepEqual(
    logged.filter((line) => line.startsWith('the body')),
    ['the body of an answer broke off: Error: the disk is gone'],
  )
})

test('F25 every answer forbids guessing its type, be it a stream, an error or nothing at all', async () => {
  for (const url of ['/thing/v1/bytes', '/thing/v1/none', '/thing/v1/broken', '/nowhere', '/thing/v1/%', '/thing/'])
    assert.equal((await injectInto(app, { url })).headers['x-content-type-options'], 'nosniff', url)
})

test('F25 connections are counted, and headers that do not come end theirs', () => {
  const { maxConnections, headersTimeout, requestTimeout, timeout } = app.server
  assert.deepEqual([maxConnections > 0, headersTimeout > 0 && headersTimeout <= 60_000, requestTimeout, timeout > 0], [true, true, 0, true])
})

test('F2 a body is not read for who may not ask, and too large a one for nobody', async () => {
  const large = JSON.stringify({ turn: { text: 'x'.repeat(200_000) } })
  const send = (token: string) =>
    injectInto(app, {
      method: 'POST',
      url: '/thing/v1/things/1/action',
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      payload: large,
    })
  assert.deepEqual(
    [(await send('')).statusCode, (await send('reader@p1')).statusCode, (await send('member@p1')).statusCode],
    [401, 403, 413],
  )
})

test('clients 2 an operation with a target finds it and asks the policy before its body is looked at', async () => {
  const send = (token: string, id: string) =>
    injectInto(app, {
      method: 'PUT',
      url: `/thing/v1/found/${id}`,
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      payload: '[]',
    })
  assert.deepEqual(
    [
      (await send('member@p1', 'none')).statusCode,
      (await send('member@p1', 'others')).statusCode,
      (await send('member@p1', 'own')).statusCode,
    ],
    [404, 403, 400],
  )
})

test('after an upload that was refused half way its connection serves the next request', { timeout: 10_000 }, async () => {
  const base = `http://127.0.0.1:${await app.listen({ address: '127.0.0.1', port: 0 })}`
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (method: string, path: string, body = Buffer.alloc(0)) => {
    const sent = httpRequest(`${base}/thing/v1${path}`, { method, agent, headers: { 'content-type': 'application/octet-stream' } }).end(
      body,
    )
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: answer.statusCode, port: sent.socket?.localPort, text: await text(answer) }
  }
  try {
    const refused = await ask('PUT', '/bytes', Buffer.alloc(4 * 2 ** 20))
    const next = await ask('GET', '/bytes')
    assert.deepEqual([refused.status, next.status, next.text], [507, 200, 'bytes'])
    assert.equal(next.port, refused.port, 'the same connection')
  } finally {
    agent.destroy()
  }
})
