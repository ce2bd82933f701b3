import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manifestOf } from './manifest.ts'

const self = { container: 'c', object: 'o' }
const read = (value: unknown) => manifestOf(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), self)
const faults = (value: unknown) => {
  const result = read(value)
  assert.ok('fault' in result, JSON.stringify(result))
  return result.fault.trimEnd().split('\n')
}

test('a manifest names objects and bytes in place', () => {
  const result = read([
    { path: '/segs/a', etag: 'ABC', size_bytes: '12' },
    { path: 'segs/b/c', etag: null, size_bytes: null, range: '1-5' },
    { data: Buffer.from('hi').toString('base64') },
  ])
  assert.deepEqual(result, {
    segments: [
      { container: 'segs', object: 'a', path: '/segs/a', etag: 'abc', bytes: 12, range: null },
      { container: 'segs', object: 'b/c', path: 'segs/b/c', etag: null, bytes: null, range: '1-5' },
      { data: Buffer.from('hi') },
    ],
  })
})

test('what is no list of JSON is refused in a line', () => {
  assert.deepEqual(faults('{'), ['Manifest must be valid JSON.'])
  assert.deepEqual(faults({}), ['Manifest must be a list.'])
})

test('every fault has a line of its own, with the number of its segment', () => {
  const lines = faults([
    7,
    {},
    { path: '/segs/a', colour: 1 },
    { path: 5 },
    { path: '/segs/a', etag: 5 },
    { path: '/segs' },
    { path: '/segs/' },
    { path: '/segs/a', size_bytes: 'many' },
    { path: '/segs/a', size_bytes: 0 },
    { path: '/c/o' },
    { path: '/segs/a', range: 'x' },
    { path: '/segs/a', range: '1-2,4-5' },
    { path: '/segs/a', range: '20-', size_bytes: 10 },
    { data: '***' },
    { data: '' },
    { path: '/segs/a', data: 'aGk=' },
  ])
  assert.deepEqual(
    lines.map((line) => /^Index (\d+): /.exec(line)?.[1]),
    Array.from({ length: 16 }, (_, index) => String(index)),
  )
  assert.match(lines[2] ?? '', /extraneous keys "colour"/)
  assert.match(lines[11] ?? '', /multiple ranges/)
  assert.match(lines[12] ?? '', /unsatisfiable range/)
})

test('only the last segment may be empty, and bytes in place alone make no large object', () => {
  assert.ok('segments' in read([{ path: '/segs/a' }, { path: '/segs/b', size_bytes: 0 }]))
  assert.match(faults([{ data: 'aGk=' }]).join(), /at least one object-backed/)
})

test('names that look like paths are names', () => {
  const result = read([{ path: '/segs/../../etc/passwd' }, { path: '///segs//x' }])
  assert.ok('segments' in result)
  assert.deepEqual(
    result.segments.map((segment) => 'object' in segment && segment.object),
    ['../../etc/passwd', '/x'],
  )
})
