// What a host is told is on the disk before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host } from '../contract/host.ts'
import type { Call } from '../contract/call.ts'
import { afterDurable } from './durable-host.ts'

const call: Call = { fence: 1, requestId: 'req-1' }

function told() {
  const calls: string[] = []
  const guests = {
    async remove(id: string, _call: Call) {
      calls.push(`remove ${id}`)
    },
    async list() {
      calls.push('list')
      return []
    },
  }
  return { calls, host: { name: 'one', guests } as unknown as Host }
}

test('a changing call waits for the commits before it, and one that only looks does not', async () => {
  const { calls, host } = told()
  let synced: () => void = () => {}
  const waiting = afterDurable(host, { durable: () => new Promise<void>((resolve) => void (synced = resolve)) })
  const removed = waiting.guests.remove('a', call)
  await waiting.guests.list()
  assert.deepEqual(calls, ['list'])
  synced()
  await removed
  assert.deepEqual(calls, ['list', 'remove a'])
})

test('when all is on the disk the call goes out at once, and when the disk failed it does not go out', async () => {
  const { calls, host } = told()
  await afterDurable(host, { durable: () => null }).guests.remove('a', call)
  await assert.rejects(afterDurable(host, { durable: () => Promise.reject(new Error('no disk')) }).guests.remove('b', call), /no disk/)
  assert.deepEqual(calls, ['remove a'])
})
