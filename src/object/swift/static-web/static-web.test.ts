import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const visit = (path: string, headers: Record<string, string> = {}) => swift.call('GET', `/AUTH_p1/${path}`, { as: null, headers })
const put = (path: string, body: string, headers: Record<string, string> = {}) => swift.call('PUT', `/AUTH_p1/${path}`, { body, headers })

before(async () => {
  swift = await startSwift()
  await swift.call('PUT', '/AUTH_p1/site', {
    headers: {
      'x-container-read': '.r:*,.rlistings',
      'x-container-meta-web-index': 'index.html',
      'x-container-meta-web-error': 'error.html',
      'x-container-meta-web-listings': 'true',
      'x-container-meta-web-listings-css': 'style.css',
    },
  })
  for (const [name, body] of [
    ['index.html', 'home'],
    ['404error.html', 'nothing here'],
    ['docs/index.html', 'docs'],
    ['files/<b>.txt', 'x'],
    ['files/deep/y', 'y'],
  ] as const)
    await put(`site/${encodeURIComponent(name).replaceAll('%2F', '/')}`, body)
})
after(() => swift.stop())

test('a container is a site: index, folders, objects', async () => {
  const root = await visit('site')
  assert.deepEqual([root.status, root.headers.location], [301, '/object/v1/AUTH_p1/site/'])
  assert.equal((await visit('site/')).text, 'home')
  assert.equal((await visit('site/docs/')).text, 'docs')
  assert.deepEqual([(await visit('site/docs')).status, (await visit('site/docs')).headers.location], [301, '/object/v1/AUTH_p1/site/docs/'])
  const page = await visit('site/index.html', { 'sec-fetch-mode': 'navigate' })
  assert.deepEqual(
    [page.text, page.headers['content-disposition'], page.headers['content-security-policy']],
    ['home', undefined, 'sandbox'],
  )
})

test('a folder without an index is listed, with names escaped', async () => {
  const listing = await visit('site/files/')
  assert.equal(listing.status, 200)
  assert.match(String(listing.headers['content-type']), /^text\/html/)
  assert.match(listing.text, /&lt;b&gt;\.txt/)
  assert.doesNotMatch(listing.text, /<b>/)
  assert.match(listing.text, /href="\.\/deep\/"/)
  assert.match(listing.text, /href="\.\.\/style\.css"/)
  assert.match(listing.text, /href="\.\.\/"/)
  assert.equal((await visit('site/files')).status, 301)
})

test('the owner’s page stands for what is not there', async () => {
  const missing = await visit('site/none')
  assert.deepEqual([missing.status, missing.text], [404, 'nothing here'])
})

test('a listing is the owner’s to allow, and the container’s ACL too', async () => {
  await swift.call('PUT', '/AUTH_p1/closed', { headers: { 'x-container-read': '.r:*', 'x-container-meta-web-listings': 'true' } })
  await put('closed/dir/a', 'a')
  assert.equal((await visit('closed/')).status, 401)
  assert.equal((await visit('closed/dir/')).status, 401)
  await swift.call('PUT', '/AUTH_p1/unlisted', {
    headers: { 'x-container-read': '.r:*,.rlistings', 'x-container-meta-web-index': 'i.html' },
  })
  const page = await visit('unlisted/')
  assert.equal(page.status, 404)
  assert.match(page.text, /Web Listing Disabled/)
})

test('who comes with a token sees the container, unless it asks for the site', async () => {
  const api = await swift.call('GET', '/AUTH_p1/site')
  assert.match(api.text, /^404error\.html\n/)
  const web = await swift.call('GET', '/AUTH_p1/site/', { headers: { 'x-web-mode': 'true' } })
  assert.equal(web.text, 'home')
})

test('a container that is no site is none', async () => {
  await swift.call('PUT', '/AUTH_p1/plain', { headers: { 'x-container-read': '.r:*,.rlistings' } })
  await put('plain/o', 'x')
  assert.equal((await visit('plain')).text, 'o\n')
  assert.equal((await visit('plain/none')).status, 404)
})
