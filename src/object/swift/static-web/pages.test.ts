import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cssHref, disabledPage, humanBytes, listingPage } from './pages.ts'

const evil = `<script>alert("1")</script>`
const look = { label: `/v1/AUTH_a/${evil}/`, css: null }

test('nothing that users name is markup', () => {
  const lines = [
    { subdir: `${evil}/` },
    { name: `"onmouseover='x'`, bytes: 5, contentType: `text/"><b>`, lastModified: '2026-11-30T12:00:00.123456' },
  ]
  const html = listingPage(look, { lines, hasParent: true, query: '?a=1&b="' })
  assert.doesNotMatch(html, /<script|onmouseover='|<b>|b="|"onmouse/)
  assert.match(html, /&lt;script&gt;/)
  assert.match(html, /<a href="\.\.\/\?a=1&amp;b=&quot;">\.\.\/<\/a>/)
  assert.match(html, /2026-11-30 12:00:00</)
  assert.doesNotMatch(disabledPage(look, evil), /<script/)
})

test('a name that goes upwards stays a name in a link', () => {
  const html = listingPage(look, {
    lines: [{ subdir: '../' }, { name: '..', bytes: 1, contentType: 'x', lastModified: '' }],
    hasParent: false,
  })
  assert.match(html, /href="\.\/%2E%2E\/"/)
  assert.match(html, /href="\.\/%2E%2E"/)
})

test('sizes are short', () => {
  assert.deepEqual([0, 1023, 1024, 1048576, 5 * 1024 ** 3].map(humanBytes), ['0', '1023', '1Ki', '1Mi', '5Gi'])
})

test('a style sheet is found from every depth, or where it is on the web', () => {
  assert.equal(cssHref('', 2), null)
  assert.equal(cssHref('style.css', 2), '../../style.css')
  assert.equal(cssHref('/v1/a/c/s.css', 2), '/v1/a/c/s.css')
  assert.equal(cssHref('https://x.example/s.css', 2), 'https://x.example/s.css')
})
