// The console log on file: its end is read, it does not grow for ever, and a link in its place is not followed.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readConsole, trimConsole } from './console.ts'
import { lastLines } from './fake-boot-log.ts'

let dir: string
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'console-'))
  mkdirSync(join(dir, 'run'))
})
after(() => rmSync(dir, { recursive: true }))

describe('the console log', () => {
  test('is empty before the first start', async () => assert.equal(await readConsole(dir, undefined), ''))

  test('keeps its last MiB when it has grown too large, and goes on behind', async () => {
    const path = join(dir, 'run', 'console.log')
    writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(50_000))
    appendFileSync(path, 'the end\n')
    assert.equal((await readConsole(dir, undefined)).length, 2 ** 20)
    await trimConsole(dir)
    assert.equal(statSync(path).size, 2 ** 20)
    appendFileSync(path, 'and more\n')
    assert.equal(await readConsole(dir, 2), 'the end\nand more\n')
  })

  test('a link that a guest put in its place is not followed', async () => {
    rmSync(join(dir, 'run', 'console.log'))
    symlinkSync('/etc/hostname', join(dir, 'run', 'console.log'))
    assert.equal(await readConsole(dir, undefined), '')
    await trimConsole(dir)
  })

  test('lines are counted as Nova counts them', () => {
    assert.equal(lastLines('a\nb\nc\n', 2), 'b\nc\n')
    assert.equal(lastLines('a\nb\nc', 2), 'b\nc')
    assert.equal(lastLines('a\nb\n', 0), '')
    assert.equal(lastLines('a\nb\n', 10), 'a\nb\n')
    assert.equal(lastLines('a\nb\n', undefined), 'a\nb\n')
  })
})
