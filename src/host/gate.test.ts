// The gate: one call per resource at a time, older fences out, at the door and between steps.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createGate } from './gate.ts'
import { memoryJournal } from './journal.ts'

const call = (fence: number, signal?: AbortSignal) => ({ fence, requestId: 'r', ...(signal ? { signal } : {}) })

describe('the gate', () => {
  test('calls on one resource run one after another, on two at once', async () => {
    const gate = createGate(memoryJournal())
    const log: string[] = []
    const open = Promise.withResolvers<void>()
    const work = (name: string, wait: Promise<void>) => async () => {
      log.push(`${name} begins`)
      await wait
      log.push(`${name} ends`)
    }
    const first = gate.enter('a', call(1), work('first', open.promise))
    await gate.enter('b', call(1), async () => undefined)
    const second = gate.enter('a', call(2), work('second', Promise.resolve()))
    await gate.enter('b', call(2), work('other', Promise.resolve()))
    assert.deepEqual(log, ['first begins', 'other begins', 'other ends'])
    open.resolve()
    await Promise.all([first, second])
    assert.deepEqual(log.slice(3), ['first ends', 'second begins', 'second ends'])
  })

  test('a call that is overtaken while it works is stopped at its next step', async () => {
    const gate = createGate(memoryJournal())
    const open = Promise.withResolvers<void>()
    const old = gate.enter('a', call(1), async (check) => {
      await open.promise
      check()
    })
    await gate.enter('b', call(1), async () => undefined)
    const young = gate.enter('a', call(2), async () => 'done')
    open.resolve()
    await assert.rejects(old, { code: 'stale_fence' })
    assert.equal(await young, 'done')
  })

  test('a call that waits for its turn is refused when a younger one came behind it', async () => {
    const gate = createGate(memoryJournal())
    const open = Promise.withResolvers<void>()
    const first = gate.enter('a', call(1), () => open.promise)
    await gate.enter('b', call(1), async () => undefined) // by now the first has begun
    const second = assert.rejects(
      gate.enter('a', call(2), async () => assert.fail('must not run')),
      { code: 'stale_fence' },
    )
    const third = gate.enter('a', call(3), async () => 'third')
    open.resolve()
    await Promise.all([first, second])
    assert.equal(await third, 'third')
  })

  test('the same fence may come again; a failure does not block the next', async () => {
    const gate = createGate(memoryJournal())
    await assert.rejects(
      gate.enter('a', call(1), () => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.equal(await gate.enter('a', call(1), async () => 'again'), 'again')
  })

  test('what it saw outlives the process', async () => {
    const journal = memoryJournal()
    await createGate(journal).enter('a', call(5), async () => undefined)
    await assert.rejects(
      createGate(journal).enter('a', call(4), async () => undefined),
      { code: 'stale_fence' },
    )
  })

  test('a cancelled call does not begin', async () => {
    const gate = createGate(memoryJournal())
    await assert.rejects(
      gate.enter('a', call(1, AbortSignal.abort(new Error('cancelled'))), async () => assert.fail('must not run')),
      /cancelled/,
    )
  })
})
