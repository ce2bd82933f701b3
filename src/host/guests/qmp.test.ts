// The QMP client against a fake socket; qmp.real.test.ts speaks to a real QEMU.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { connectQmp, QmpClosed, QmpError } from './qmp.ts'

const greeting = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n'
let directory: string
let sockets = 0

before(() => void (directory = mkdtempSync(join(tmpdir(), 'qmp-'))))
after(() => rmSync(directory, { recursive: true }))

/** A QEMU that answers as it is told to. */
async function fakeQemu(answer: (command: { execute: string; id: number; arguments?: unknown }, socket: Socket) => void) {
  const path = join(directory, `s${++sockets}`)
  const server = createServer((socket) => {
    let text = ''
    socket.write(greeting)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString()
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const command = JSON.parse(text.slice(0, end)) as { execute: string; id: number }
        text = text.slice(end + 1)
        if (command.execute === 'qmp_capabilities') socket.write(`{"return": {}, "id": ${command.id}}\r\n`)
        else answer(command, socket)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const clock = createTestClock()
  const qmp = await connectQmp(path, clock)
  return { qmp, clock, close: () => (qmp.close(), server.close()) }
}

describe('the QMP client', () => {
  test('matches answers to commands by id, whatever their order and wherever the chunks are cut', async () => {
    const seen: { execute: string; id: number }[] = []
    const { qmp, close } = await fakeQemu((command, socket) => {
      seen.push(command)
      if (seen.length < 2) return
      const late = JSON.stringify({ return: { status: 'paused', running: false }, id: seen[0]?.id })
      const early = JSON.stringify({ return: { actual: 7 }, id: seen[1]?.id })
      const text = `${early}\r\n${late}\r\n`
      socket.write(text.slice(0, 11))
      setImmediate(() => socket.write(text.slice(11)))
    })
    const [status, balloon] = await Promise.all([qmp.execute('query-status'), qmp.execute('query-balloon')])
    assert.equal(status.status, 'paused')
    assert.equal(balloon.actual, 7)
    close()
  })

  test("turns QEMU's refusal into an error that names the command", async () => {
    const { qmp, close } = await fakeQemu(({ id }, socket) => {
      socket.write(`${JSON.stringify({ error: { class: 'DeviceNotFound', desc: "Device 'x' not found" }, id })}\n`)
    })
    await assert.rejects(qmp.execute('device_del', { id: 'x' }), (error: QmpError) => {
      assert.equal(error.errorClass, 'DeviceNotFound')
      assert.equal(error.message, "device_del: Device 'x' not found")
      return true
    })
    close()
  })

  test('waits for the event that fits and lets others pass', async () => {
    const { qmp, close } = await fakeQemu(({ id }, socket) => {
      for (const device of ['a', 'b'])
        socket.write(`${JSON.stringify({ event: 'DEVICE_DELETED', data: { device, path: `/${device}` } })}\n`)
      socket.write(`${JSON.stringify({ return: {}, id })}\n`)
    })
    const deleted = qmp.nextEvent('DEVICE_DELETED', { fits: ({ device }) => device === 'b', timeoutMs: 1000 })
    await qmp.execute('device_del', { id: 'b' })
    assert.deepEqual(await deleted, { device: 'b', path: '/b' })
    close()
  })

  test('gives up on an event after its time, by the clock that it was given', async () => {
    const { qmp, clock, close } = await fakeQemu(() => undefined)
    const event = qmp.nextEvent('SHUTDOWN', { timeoutMs: 500 })
    await clock.advance(500)
    assert.equal(await event, undefined)
    close()
  })

  test('an answer that never comes is an unknown outcome', async () => {
    const { qmp, clock, close } = await fakeQemu(() => undefined)
    const answer = assert.rejects(qmp.execute('query-status'), { code: 'unreachable' })
    await clock.advance(60_000)
    await answer
    close()
  })

  test('everything that waits fails when the connection ends', async () => {
    const { qmp, close } = await fakeQemu((_command, socket) => void socket.destroy())
    const event = assert.rejects(qmp.nextEvent('SHUTDOWN', { timeoutMs: 1000 }), QmpClosed)
    await assert.rejects(qmp.execute('quit'), QmpClosed)
    await event
    await qmp.closed
    await assert.rejects(qmp.execute('query-status'), QmpClosed)
    close()
  })

  test('a peer that does not speak JSON is cut off', async () => {
    const { qmp, close } = await fakeQemu((_command, socket) => void socket.write('hello\n'))
    await assert.rejects(qmp.execute('query-status'), QmpClosed)
    close()
  })

  test('a line without an end is cut off at 16 MiB', async () => {
    const { qmp, close } = await fakeQemu((_command, socket) => void socket.write('x'.repeat(17 * 2 ** 20)))
    await assert.rejects(qmp.execute('query-status'), QmpClosed)
    close()
  })
})
