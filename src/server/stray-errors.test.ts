// What an error that nobody caught does to the process: in a process of its own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const setUp = `
  import { watchStrayErrors } from ${JSON.stringify(join(import.meta.dirname, 'stray-errors.ts'))}
  watchStrayErrors({ error: (fields, message) => console.log(fields.origin, fields.err.message, message), flush: () => console.log('flushed') })
`
const run = (code: string) => spawnSync(process.execPath, ['--input-type=module', '--eval', setUp + code], { encoding: 'utf8' })

test('a failed system call or a peer that hung up is written down, and the process goes on', () => {
  const { status, stdout } = run(`
    const { Socket, connect } = await import('node:net')
    process.nextTick(() => new Socket().emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })))
    connect('/nonexistent/socket')
    setImmediate(() => setImmediate(() => { console.log('still here'); process.exit(0) }))
  `)
  assert.equal(status, 0)
  assert.match(stdout, /ECONNRESET an error of the outside/)
  assert.match(stdout, /still here/)
})

test('a bug is written down, flushed, and ends the process with a code of its own, thrown or rejected', () => {
  for (const code of ["setTimeout(() => { throw new TypeError('oops') })", "void Promise.reject(new TypeError('oops'))"]) {
    const { status, stdout, stderr } = run(code)
    assert.equal(status, 70)
    assert.match(stdout, /oops a bug: .*\nflushed/)
    assert.match(stderr, /TypeError: oops\n +at /)
  }
})
