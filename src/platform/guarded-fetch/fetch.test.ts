// Attacks 18, 19 and 30 against the one client for users' URLs: schemes, ports, hidden addresses, redirects, names that
// change their address, credentials, endless and silent answers.
import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { systemClock } from '../clock.ts'
import { type GuardedRequest, guardedCheck, guardedFetch } from './fetch.ts'
import { hostsOf, systemResolve } from './resolve.ts'
import { checkUrl, defaultFetchRules, GuardError } from './rules.ts'

const servers: Server[] = []
after(() => Promise.all(servers.map((server) => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))))))

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function get(url: string, more: Partial<GuardedRequest> = {}): Promise<string> {
  const { stream } = await guardedFetch({ url, clock: systemClock, maxBytes: 1000, ...more })
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
const rules = (...ports: number[]) => ({ ...defaultFetchRules, ports })
const refused = (promise: Promise<unknown>, reason: RegExp) =>
  assert.rejects(promise, (error: Error) => error instanceof GuardError && reason.test(error.message))

describe('attack-18 attack-19 where a URL may not lead', () => {
  test('schemes, ports, credentials and addresses in disguise', () => {
    for (const [url, reason] of [
      ['file:///etc/passwd', /scheme/],
      ['filesystem:///etc/passwd', /scheme/],
      ['ftp://example.com/', /scheme/],
      ['gopher://127.0.0.1:80/', /scheme/],
      ['javascript:alert(1)', /scheme/],
      ['', /no URL/],
      ['/etc/passwd', /no URL/],
      ['http://', /no URL/],
      ['http://example.com:22/', /port 22/],
      ['https://example.com:9000/', /port 9000/],
      ['http://a:b@example.com/', /credentials/],
      ['http://example.com@127.0.0.1/', /credentials/],
      ['http://2130706433/', /usual way/],
      ['http://0x7f000001/', /usual way/],
      ['http://0177.0.0.1/', /usual way/],
      ['http://127.1/', /usual way/],
      ['http://127.0x0.0.1/', /usual way/],
      ['http://①②⑦.0.0.1/', /usual way/],
      ['http://169.254.169.254/latest/meta-data', /no address to get/],
      ['http://[::ffff:169.254.169.254]/', /no address to get/],
      ['http://[::ffff:a9fe:a9fe]/', /no address to get/],
      ['http://[64:ff9b::a9fe:a9fe]/', /no address to get/],
      ['http://[fe80::1]/', /no address to get/],
      ['http://[fd00:ec2::254]/', /no address to get/],
      ['http://0.0.0.0/', /no address to get/],
      ['http://[::]/', /no address to get/],
      ['http://255.255.255.255/', /no address to get/],
      ['http://224.0.0.1/', /no address to get/],
    ] as const)
      assert.throws(
        () => checkUrl(url, defaultFetchRules),
        (error: Error) => error instanceof GuardError && reason.test(error.message),
        url,
      )
    for (const url of ['http://example.com/a', 'https://example.com', 'HTTP://127.0.0.1/x', 'http://[2001:db8::1]/', 'http://10.0.0.1:80/'])
      assert.ok(checkUrl(url, defaultFetchRules))
  })

  test('the operator’s lists of hosts hold for names, addresses and networks, mapped ones too', () => {
    const not = { ...defaultFetchRules, notHosts: ['127.0.0.0/8', '::1', 'internal.example'] }
    for (const url of [
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://internal.example/',
      'http://INTERNAL.example./',
    ])
      assert.throws(() => checkUrl(url, not), GuardError, url)
    const only = { ...defaultFetchRules, onlyHosts: ['10.0.0.0/8', 'mirror.example'] }
    for (const url of ['http://10.1.2.3/', 'http://mirror.example/']) assert.ok(checkUrl(url, only))
    assert.throws(() => checkUrl('http://11.1.2.3/', only), GuardError)
    assert.throws(() => checkUrl('http://other.example/', { ...only, onlyHosts: ['mirror.example'] }), GuardError)
  })

  test('a name whose address is not allowed, and one that is another address when it is looked up again', async () => {
    const port = await serve((_, answer) => answer.end('inside'))
    const at =
      (...addresses: string[]) =>
      async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    for (const addresses of [['169.254.169.254'], ['93.184.216.34', '169.254.169.254'], ['::ffff:169.254.169.254'], ['0.0.0.0']]) {
      await refused(get(`http://evil.example:${port}/`, { rules: rules(port), resolve: at(...addresses) }), /no address to get/)
    }
    const inside = { ...rules(port), notHosts: ['127.0.0.0/8'] }
    await refused(get(`http://evil.example:${port}/`, { rules: inside, resolve: at('127.0.0.1') }), /127.0.0.1 is among/)
    // looked up once: the second answer, which would lead inside, is never asked for
    let asked = 0
    const resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    assert.equal(await get(`http://name.example:${port}/`, { rules: rules(port), resolve }), 'inside')
    assert.equal(asked, 1)
    await refused(guardedCheck({ url: 'http://evil.example/', clock: systemClock, resolve: at('169.254.169.254') }), /no address to get/)
    await refused(
      guardedCheck({ url: 'http://nowhere.example/', clock: systemClock, resolve: () => Promise.reject(new Error('ENOTFOUND')) }),
      /not known/,
    )
  })

  test('each redirect is held against the same rules, and there is an end to them', async () => {
    const inside = await serve((_, answer) => answer.end('inside'))
    let to = ''
    const port = await serve((request, answer) =>
      request.url === '/end' ? answer.end('end') : answer.writeHead(302, { location: to }).end('moved'),
    )
    const start = `http://127.0.0.1:${port}/start`
    for (const [location, reason] of [
      [`http://127.0.0.1:${inside}/`, /port/],
      ['file:///etc/passwd', /scheme/],
      ['http://169.254.169.254/', /port 80/],
      [`http://169.254.169.254:${port}/`, /no address to get/],
      [`http://2130706433:${port}/`, /usual way/],
      [`//2852039166:${port}/`, /no address to get/],
      [`http://a:b@127.0.0.1:${port}/`, /credentials/],
      ['/start', /redirects more than 5/],
      ['http://[', /no URL/],
    ] as const) {
      to = location
      await refused(get(start, { rules: rules(port) }), reason)
    }
    to = '/end'
    assert.equal(await get(start, { rules: rules(port) }), 'end')
    await refused(get(start, { rules: rules(port), method: 'POST', body: 'x' }), /redirects what is sent/)
  })

  test('attack-30 credentials go to the first place only', async () => {
    const seen: unknown[] = []
    const port = await serve((request, answer) => {
      seen.push([request.url, request.headers['x-auth-token'], request.headers['accept']])
      if (request.url === '/start') answer.writeHead(307, { location: '/end' }).end()
      else answer.end('end')
    })
    await get(`http://127.0.0.1:${port}/start`, {
      rules: rules(port),
      secretHeaders: { 'x-auth-token': 'secret' },
      headers: { accept: 'a/b' },
    })
    assert.deepEqual(seen, [
      ['/start', 'secret', 'a/b'],
      ['/end', undefined, 'a/b'],
    ])
  })
})

test('attack-19 names are read from the hosts file, and localhost is never asked for', async () => {
  const hosts = '127.0.0.1 localhost\n10.0.0.5\tmirror.example  Mirror # not.this\n#10.0.0.6 mirror\nnonsense mirror\n::5 mirror\n'
  assert.deepEqual(
    hostsOf(hosts, 'mirror').map(({ address }) => address),
    ['10.0.0.5', '::5'],
  )
  assert.deepEqual([hostsOf(hosts, 'not.this'), hostsOf(hosts, 'nosuch')], [[], []])
  assert.deepEqual(
    (await systemResolve('localhost')).map(({ address }) => address),
    ['127.0.0.1', '::1'],
  )
})

describe('attack-19 answers without end', () => {
  test('too long, announced or not; cut short; silent at any moment', async () => {
    const port = await serve((request, answer) => {
      if (request.url === '/announced') return answer.writeHead(200, { 'content-length': '2000' }).end('x'.repeat(2000))
      if (request.url === '/long') return answer.writeHead(200, { 'transfer-encoding': 'chunked' }).end('x'.repeat(5000))
      if (request.url === '/cut') return answer.writeHead(200, { 'content-length': '500' }).write('x', () => answer.destroy())
      if (request.url === '/stops') return answer.writeHead(200).write('x')
      if (request.url === '/silent') return undefined
      return answer.writeHead(404).end('gone')
    })
    const at = (path: string, more = {}) => get(`http://127.0.0.1:${port}${path}`, { rules: rules(port), ...more })
    await refused(at('/announced'), /2000 bytes, more than 1000/)
    await refused(at('/long'), /more than 1000 bytes/)
    await assert.rejects(at('/cut'), /broke off/)
    await refused(at('/stops', { silenceMs: 50 }), /nothing came/)
    await refused(at('/silent', { silenceMs: 50 }), /does not answer/)
    await refused(get('http://slow.example/', { silenceMs: 50, resolve: () => new Promise(() => undefined) }), /nothing came/)
    const { status, stream } = await guardedFetch({
      url: `http://127.0.0.1:${port}/none`,
      clock: systemClock,
      rules: rules(port),
      maxBytes: 10,
    })
    stream.destroy()
    assert.equal(status, 404)
    const stop = new AbortController()
    const waiting = at('/silent', { signal: stop.signal })
    stop.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
  })
})
