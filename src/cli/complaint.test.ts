import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Complaint, explain } from './complaint.ts'
import { NewerDataError } from '../platform/store/migrate.ts'

const systemError = (code: string, more: object = {}) => Object.assign(new Error(`it failed: ${code}`), { code, ...more })

test('what people meet becomes one line that says what to do', () => {
  const lines = [
    explain(systemError('ENOSPC'), '/data'),
    explain(systemError('EACCES', { path: '/data/x' }), '/data'),
    explain(systemError('EADDRINUSE'), '/data'),
    explain(systemError('ERR_SQLITE_ERROR', { errcode: 13 }), '/data'),
    explain(new NewerDataError('compute-0099-x'), '/data'),
    explain(new Error('starting failed', { cause: systemError('EADDRNOTAVAIL') }), '/data'),
    explain(new Complaint('do this'), '/data'),
  ]
  for (const line of lines) assert.ok(line !== null && !line.includes('\n'))
  assert.match(lines[0] ?? '', /disk that holds \/data is full/)
  assert.match(lines[1] ?? '', /no permission for \/data\/x/)
  assert.match(lines[2] ?? '', /--listen/)
  assert.match(lines[4] ?? '', /newer version of Stackling/)
})

test('a bug is not explained away', () => {
  assert.equal(explain(new TypeError('x is not a function')), null)
  assert.equal(explain(systemError('ERR_SQLITE_ERROR', { errcode: 1 })), null)
  assert.equal(explain('text'), null)
})
