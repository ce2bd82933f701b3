// The one client with which the product goes to a URL that a user wrote (images' sources, later webhooks and templates): attack
// 19, attack 30. It looks a name up once, holds every address against the rules and connects to just those (no rebinding),
// does the same for each redirect, sends no credential anywhere but to the first place, and bounds size, silence and redirects.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { Transform, type Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { type Silence, unlessAborted, watchSilence } from '../silence.ts'
import { type Address, type Resolve, systemResolve } from './resolve.ts'
import { checkAddress, checkUrl, defaultFetchRules, type FetchRules, GuardError, hostOf, portOf } from './rules.ts'

export interface GuardedRequest {
  url: string
  clock: Clock
  rules?: FetchRules
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  headers?: Record<string, string>
  /** go to the first place only: what a redirect leads to never sees them */
  secretHeaders?: Record<string, string>
  body?: string
  /** more is refused, by its announced length or when it comes */
  maxBytes: number
  maxRedirects?: number
  /** nothing may be awaited for longer: a name, a connection, the answer, its next bytes */
  silenceMs?: number
  signal?: AbortSignal | undefined
  /** a host's addresses; the system's resolver when not given */
  resolve?: Resolve | undefined
}

export interface GuardedAnswer {
  status: number
  headers: IncomingMessage['headers']
  /** where it came from after all redirects */
  url: string
  /** as announced; null: it was not */
  lengthBytes: number | null
  /** errors when it is too long, too slow, or ends before its announced length */
  stream: Readable
}

const defaultMaxRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])

/** Asks; follows redirects; any final status is an answer. Throws GuardError for what is not allowed, else what the network says. */
export async function guardedFetch(request: GuardedRequest): Promise<GuardedAnswer> {
  const rules = request.rules ?? defaultFetchRules
  let url = checkUrl(request.url, rules)
  let headers = { ...request.headers, ...request.secretHeaders }
  for (let redirected = 0; ; redirected++) {
    const answer = await ask(request, { url, headers, rules })
    const { location } = answer.headers
    if (!redirects.has(answer.statusCode ?? 0) || location === undefined) return bounded(request, url, answer)
    answer.destroy()
    if (redirected >= (request.maxRedirects ?? defaultMaxRedirects))
      throw new GuardError(`${url.host} redirects more than ${redirected} times`)
    if (request.method !== undefined && request.method !== 'GET' && request.method !== 'HEAD')
      throw new GuardError(`${url.host} redirects what is sent to it`)
    if (!URL.canParse(location, url.href)) throw new GuardError(`${url.host} redirects to what is no URL`)
    // the rule for written addresses needs the text as it came, where that names a host of its own
    const target = /^[a-z][a-z0-9+.-]*:/i.test(location) ? location : new URL(location, url.href).href
    url = checkUrl(target, rules)
    headers = { ...request.headers }
  }
}

const stalled = (what: string) => (seconds: number) => new GuardError(`${what}: nothing came for ${seconds} seconds`)

/** Would a request be let through to its first place? Looks up its name; for the answer to the user who names the URL. Throws GuardError. */
export async function guardedCheck(
  request: Pick<GuardedRequest, 'url' | 'clock' | 'rules' | 'resolve' | 'silenceMs' | 'signal'>,
): Promise<void> {
  const rules = request.rules ?? defaultFetchRules
  const silence = watchSilence({ ...request, stalled: stalled('the name server does not answer') })
  try {
    await addressesOf(request, checkUrl(request.url, rules), { rules, silence })
  } finally {
    silence.end()
  }
}

/** The host's addresses, each of which the rules allow. */
async function addressesOf(
  { resolve = systemResolve }: Pick<GuardedRequest, 'resolve'>,
  url: URL,
  { rules, silence }: { rules: FetchRules; silence: Silence },
): Promise<Address[]> {
  const host = hostOf(url)
  const unknown = () => new GuardError(`the host ${host} is not known`)
  const looked =
    isIP(host) !== 0
      ? [{ address: host, family: isIP(host) }]
      : await unlessAborted(
          resolve(host).catch(() => Promise.reject(unknown())),
          silence.signal,
        )
  if (looked.length === 0) throw unknown()
  for (const { address } of looked) checkAddress(address, host, rules)
  return looked
}

interface Hop {
  url: URL
  headers: Record<string, string>
  rules: FetchRules
}

async function ask(request: GuardedRequest, { url, headers, rules }: Hop): Promise<IncomingMessage> {
  const silence = watchSilence({ ...request, stalled: stalled(`${url.host} does not answer`) })
  try {
    const addresses = await addressesOf(request, url, { rules, silence })
    return await send(request, { url, headers, addresses, signal: silence.signal })
  } catch (error) {
    throw silence.reasonOf(error)
  } finally {
    silence.end()
  }
}

interface Target {
  url: URL
  headers: Record<string, string>
  addresses: Address[]
  signal: AbortSignal
}

function send({ method = 'GET', body }: GuardedRequest, { url, headers, addresses, signal }: Target): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isHttps = url.protocol === 'https:'
    const sent = (isHttps ? httpsRequest : httpRequest)({
      host: hostOf(url),
      port: portOf(url),
      path: `${url.pathname}${url.search}`,
      method,
      signal,
      agent: false,
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'stackling',
        ...headers,
        host: url.host,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(isHttps ? { servername: isIP(hostOf(url)) === 0 ? hostOf(url) : '' } : {}),
      // what was checked is what is connected to
      lookup: (_host, options, done) => {
        const [first] = addresses
        if (options.all) done(null, addresses)
        else done(null, first?.address ?? '', first?.family)
      },
    })
    sent.once('response', resolve)
    sent.once('error', reject)
    sent.end(body)
  })
}

/** The answer's bytes, as many as allowed and no slower. */
function bounded(request: GuardedRequest, url: URL, answer: IncomingMessage): GuardedAnswer {
  const announced = answer.headers['content-length']
  const lengthBytes = announced !== undefined && /^\d{1,16}$/.test(announced) ? Number(announced) : null
  if (lengthBytes !== null && lengthBytes > request.maxBytes && request.method !== 'HEAD') {
    answer.destroy()
    throw new GuardError(`${url.host} sends ${lengthBytes} bytes, more than ${request.maxBytes}`)
  }
  const silence = watchSilence({ ...request, stalled: stalled(`${url.host} sends nothing any more`) })
  let received = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      silence.progress()
      received += chunk.length
      if (received > request.maxBytes) done(new GuardError(`${url.host} sends more than ${request.maxBytes} bytes`))
      else done(null, chunk)
    },
  })
  const brokeOff = (cause?: Error) => stream.destroy(new Error(`${url.host} broke off after ${received} bytes`, { cause }))
  answer.on('error', brokeOff)
  answer.on('close', () => {
    if (!answer.complete) brokeOff()
  })
  silence.signal.addEventListener('abort', () => stream.destroy(silence.signal.reason as Error), { once: true })
  stream.on('close', () => {
    silence.end()
    answer.destroy()
  })
  answer.pipe(stream)
  return { status: answer.statusCode ?? 0, headers: answer.headers, url: url.href, lengthBytes, stream }
}
