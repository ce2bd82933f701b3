// The journal: what it keeps over a kill, a torn line, a full fold.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileJournal, memoryJournal } from './journal.ts'

let directory: string
before(() => void (directory = mkdtempSync(join(tmpdir(), 'journal-'))))
after(() => rmSync(directory, { recursive: true }))

const lastCounter = (text: string) => Number((JSON.parse(text.trimEnd().split('\n').at(-1) ?? '[]') as string[])[1])

describe('the journal', () => {
  test('keeps what was put, without being closed', async () => {
    const path = join(directory, 'a')
    const journal = fileJournal(path)
    journal.put('guest/1', { power: 'running' })
    journal.put('guest/2', 2)
    journal.put('guest/2', undefined)
    journal.put('volume/1', 'x')
    await journal.sync()
    const next = fileJournal(path)
    assert.deepEqual(next.get('guest/1'), { power: 'running' })
    assert.deepEqual([next.keys('guest/'), next.get('guest/2')], [['guest/1'], undefined])
    journal.close()
    next.close()
  })

  test('a torn last line, or one in the middle, costs only itself', () => {
    const path = join(directory, 'b')
    const journal = fileJournal(path)
    journal.put('a', 1)
    appendFileSync(path, '["b", "2')
    appendFileSync(path, '\n')
    journal.put('c', 3)
    appendFileSync(path, '["d", "4"')
    journal.close()
    const next = fileJournal(path)
    assert.deepEqual(next.keys(''), ['a', 'c'])
    next.close()
  })

  test('folds itself when it has grown, while others sync', async () => {
    const path = join(directory, 'c')
    const journal = fileJournal(path)
    const synced: Promise<void>[] = []
    for (let n = 0; n < 5000; n++) {
      journal.put('counter', n)
      if (n > 1990 && n < 2010) assert.equal(lastCounter(readFileSync(path, 'utf8')), n, 'the fold loses nothing')
      if (n % 100 === 0) synced.push(journal.sync())
    }
    await Promise.all(synced)
    assert.ok(readFileSync(path, 'utf8').split('\n').length < 2100)
    const next = fileJournal(path)
    assert.equal(next.get('counter'), 4999)
    assert.deepEqual([journal.get('counter'), journal.keys('')], [4999, ['counter']])
    journal.close()
    next.close()
  })

  test('what is read is a copy: changing it changes nothing', () => {
    const journal = memoryJournal()
    journal.put('a', { list: [1] })
    journal.get<{ list: number[] }>('a')?.list.push(2)
    assert.deepEqual(journal.get('a'), { list: [1] })
  })
})
