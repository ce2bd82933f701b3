// Consoles over real sockets: who may open one, how often, and what viewers that misbehave do.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'

let the: ServerCloud
let port: number
const dir = mkdtempSync(join(tmpdir(), 'console-'))
/** stands for the guest's serial line: says who it is, then repeats what it hears */
const line = (name: string) =>
  createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(`${name}\n`)
    socket.pipe(socket)
  })
const lines: ReturnType<typeof line>[] = []

before(async () => {
  the = await startServerCloud()
  await the.cloud.app.listen({ address: '127.0.0.1', port: 0 })
  port = (the.cloud.app.server.address() as AddressInfo).port
  the.host.guests.consoleSocket = async (id) => join(dir, id)
})
after(async () => {
  for (const server of lines) server.close()
  await the.stop()
  rmSync(dir, { recursive: true })
})

async function bootWithLine(): Promise<string> {
  const id = await the.boot()
  const server = line(id)
  lines.push(server)
  await new Promise<void>((resolve) => server.listen(join(dir, id), resolve))
  return id
}

async function tokenOf(id: string): Promise<string> {
  const body = { remote_console: { protocol: 'serial', type: 'serial' } }
  const { remote_console: console } = await the.api('POST', `/compute/v2.1/servers/${id}/remote-consoles`, { body, version: '2.6' })
  return new URL(console.url).searchParams.get('token') ?? ''
}

/** The first words of the console that the token opens, or the status of the refusal. */
function view(token: string, options: { origin?: string } = {}): Promise<string | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/compute/console/?token=${token}`, 'binary', options)
  return new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      socket.terminate()
      resolve(String(data))
    })
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
}

test('attack-32: a console’s token opens the console of its server alone, once, and no other page’s', async () => {
  const [one, other] = [await bootWithLine(), await bootWithLine()]
  const token = await tokenOf(one)
  assert.equal(await view('nothing'), 403)
  assert.equal(await view(''), 403)
  assert.equal(await view(token), `${one}\n`)
  assert.equal(await view(token), 403)
  assert.equal(await view(await tokenOf(other)), `${other}\n`)
  assert.equal(await view(await tokenOf(one), { origin: 'http://elsewhere.example' }), 403)
  const both = await tokenOf(one)
  const answers = await Promise.all([view(both), view(both), view(both)])
  assert.equal(answers.filter((answer) => answer === `${one}\n`).length, 1)
  const late = await tokenOf(one)
  await the.drop(one)
  assert.equal(await view(late), 403)
})

test('a viewer that resets while it is refused does not end the process', async () => {
  const request =
    'GET /compute/console/?token=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
  // the runner of tests would only mention the error that ends a process
  const unheard: string[] = []
  the.cloud.app.server.on(
    'upgrade',
    (_request, socket: Socket) => void (socket.listenerCount('error') === 0 && unheard.push('a reset would end the process')),
  )
  for (let viewer = 0; viewer < 20; viewer++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    await new Promise((resolve) => socket.write(request + 'x'.repeat(viewer * 100), resolve))
    socket.resetAndDestroy()
    await once(socket, 'close')
  }
  assert.equal(await view('still there'), 403)
  assert.deepEqual(unheard, [])
})

test('an upgrade to something else is answered as a plain request', async () => {
  for (const [upgrade, path] of [
    ['h2c', '/identity/v3'],
    ['websocket', '/identity/v3'],
    ['h2c', '/compute/console/vnc_auto.html'],
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: ${upgrade}\r\nConnection: Upgrade\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 200 /)
    socket.destroy()
  }
})
