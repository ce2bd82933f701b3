// Listings against a plain model: all names sorted by their bytes, and Swift's rules applied to them one after the other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NameRange } from '../store/name-range.ts'
import { compareBytes, prefixEnd } from './byte-order.ts'
import { namesList, type Listing } from './listing.ts'

type Named = { name: string }

/** What a store answers. */
function stretch(names: string[], { from, after, before, reverse, limit }: NameRange): Named[] {
  assert.ok(from === undefined || after === undefined, 'two lower ends are a scan')
  const found = names
    .filter((name) => from === undefined || compareBytes(name, from) >= 0)
    .filter((name) => after === undefined || compareBytes(name, after) > 0)
    .filter((name) => before === undefined || compareBytes(name, before) < 0)
    .toSorted(compareBytes)
  return (reverse ? found.toReversed() : found).slice(0, limit).map((name) => ({ name }))
}

/** As container/backend.py has it, over all names. */
function model(names: string[], { prefix = '', delimiter, marker, endMarker, reverse = false, limit }: Listing): string[] {
  const [low, high] = reverse ? [endMarker, marker] : [marker, endMarker]
  const sorted = names
    .filter((name) => name.startsWith(prefix))
    .filter((name) => (!low || compareBytes(name, low) > 0) && (!high || compareBytes(name, high) < 0))
    .toSorted(compareBytes)
  const shown: string[] = []
  for (const name of reverse ? sorted.toReversed() : sorted) {
    const at = delimiter ? name.indexOf(delimiter, prefix.length) : -1
    const entry = at < 0 ? name : name.slice(0, at + (delimiter ?? '').length) + '\u0000'
    if (!shown.includes(entry) && !(at >= 0 && !reverse && entry === `${marker}\u0000`)) shown.push(entry)
  }
  return shown.slice(0, limit)
}

const letters = ['a', 'b', '/', '-', 'ä', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}']
const name = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const listing = fc.record({
  prefix: maybe(name),
  delimiter: maybe(fc.constantFrom('/', '-', 'ab', '//', '😀')),
  marker: maybe(name),
  endMarker: maybe(name),
  reverse: fc.boolean(),
  limit: fc.integer({ min: 0, max: 6 }),
})

test('any listing, and any walk through its pages, shows what the model shows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 60 }), listing, async (names, wanted) => {
      const shown = async (of: Listing) => {
        const page = await namesList(of, async (range) => stretch(names, range))
        return { ...page, texts: page.entries.map((entry) => ('row' in entry ? entry.row.name : `${entry.subdir}\u0000`)) }
      }
      const page = await shown(wanted)
      const all = model(names, { ...wanted, limit: Infinity })
      assert.deepEqual(page.texts, all.slice(0, wanted.limit))
      assert.equal(page.truncated, all.length > wanted.limit)
    }),
    { numRuns: 400 },
  )
})

test('a page is found by seeking: its queries read no more than it shows, whatever lies in its subdirectories', async () => {
  const names = Array.from({ length: 50 }, (_, dir) =>
    Array.from({ length: 400 }, (_, n) => `d${String(dir).padStart(2, '0')}/${n}`),
  ).flat()
  for (const reverse of [false, true]) {
    let read = 0
    const page = await namesList({ delimiter: '/', limit: 50, reverse }, async (range) => {
      const rows = stretch(names, range)
      read += rows.length
      return rows
    })
    assert.equal(page.entries.length, 50)
    assert.ok(read < 400, `${read} rows read for 50 subdirectories`)
  }
})

test('the path of a pseudo directory shows what lies directly in it', async () => {
  const names = ['x', 'x/', 'x/a', 'x/b/', 'x/b/c', 'x/d/e', 'y', 'top/', 'top/f']
  const shown = async (path: string, more: { reverse?: boolean } = {}) =>
    (await namesList({ path, limit: 10, ...more }, async (range) => stretch(names, range))).entries.map((entry) =>
      'row' in entry ? entry.row.name : entry,
    )
  assert.deepEqual(await shown('x'), ['x/a', 'x/b/'])
  assert.deepEqual(await shown('x/', { reverse: true }), ['x/b/', 'x/a'])
  assert.deepEqual(await shown(''), ['top/', 'x', 'x/', 'y'])
})

test('the end of a prefix jumps over the surrogates', () => {
  assert.equal(prefixEnd('a'), 'b')
  assert.equal(prefixEnd('a\ud7ff'), 'a\ue000')
  assert.equal(prefixEnd('a\u{10ffff}'), 'b')
  assert.equal(prefixEnd('\u{10ffff}'), undefined)
  assert.equal(prefixEnd(''), undefined)
})
