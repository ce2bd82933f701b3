// Temporary URLs: whoever has one may do one thing to one object, or to all whose names begin alike, until it ends. They get nothing
// by it that lies elsewhere: not through a link, a manifest or a copy.
import { isSuccess, swiftError, type SwiftAnswer } from '../answer.ts'
import { infoAdd } from '../info.ts'
import { quoted } from '../path.ts'
import { Query } from '../query.ts'
import type { Caller, SwiftRequest } from '../request.ts'
import type { Next, Step } from '../steps.ts'
import { httpDate } from '../times.ts'
import { isInRange } from './ip-range.ts'
import { expiresSeconds, isSignedBy, keysOf, signatureOf, signedMethods, signedText, type Signature } from './signature.ts'

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']

/** What the URL says of itself. */
interface Ticket {
  signature: Signature
  /** as it stood there, and in seconds */
  expires: { text: string; seconds: number }
  prefix: string | null
  ipRange: string | null
}

export const tempUrl: Step = async (request, next) => {
  const { query, method } = request
  if (method === 'OPTIONS' || (!query.has('temp_url_sig') && !query.has('temp_url_expires'))) return next(request)
  const ticket = ticketOf(request)
  const scope = ticket && (await scopeOf(request, ticket))
  if (!scope) return invalid(request)
  return forbiddenHeader(request) ?? granted(request, next, { ticket, scope })
}

const invalid = ({ method }: SwiftRequest): SwiftAnswer => ({
  ...swiftError(401, method === 'HEAD' ? '' : '401 Unauthorized: Temp URL invalid\n', { 'www-authenticate': 'Swift realm="unknown"' }),
})

/** What can be read of it, while it holds; null when something is missing, wrong or over. */
function ticketOf({ query, platform }: SwiftRequest): Ticket | null {
  const signature = signatureOf(query.get('temp_url_sig') ?? '')
  const text = query.get('temp_url_expires') ?? ''
  const seconds = expiresSeconds(text)
  if (!signature || !platform.config.object.tempUrlDigests.includes(signature.digest)) return null
  if (seconds === null || seconds <= 0 || seconds < platform.clock.nowMs() / 1000) return null
  return { signature, expires: { text, seconds }, prefix: query.get('temp_url_prefix'), ipRange: query.get('temp_url_ip_range') || null }
}

type Scope = 'account' | 'container'

/** Whose key signed it; null: nobody's that counts here. */
async function scopeOf(request: SwiftRequest, ticket: Ticket): Promise<Scope | null> {
  const { method, account, container, object } = request
  const { prefix, ipRange, signature, expires } = ticket
  if (!methods.includes(method) || account === null || container === null) return null
  // with an empty prefix a container itself may be read: as the page that it may be
  const mayBeContainer = prefix === '' && (method === 'GET' || method === 'HEAD')
  if (!mayBeContainer && (object ?? '').replaceAll('/', '') === '') return null
  if (ipRange !== null && !isInRange(request.remoteAddress, ipRange)) return null
  const paths = signedPaths(request, prefix)
  const texts = signedMethods(method).flatMap((signed) =>
    paths.map((path) => signedText({ method: signed, expires: expires.seconds, path, ipRange })),
  )
  const isSigned = (key: string) => texts.some((text) => isSignedBy(signature, text, key))
  const [accountRow, containerRow] = [await request.accountRow(), await request.containerRow()]
  if (keysOf(accountRow?.metadata ?? {}, 'account').some(isSigned)) return 'account'
  return keysOf(containerRow?.metadata ?? {}, 'container').some(isSigned) ? 'container' : null
}

/**
 * What may have been signed: people sign the path from /v1 on, others all of the catalog's URL, of which swiftclient counts the
 * container to the prefix.
 */
function signedPaths({ account, container, object, doorPrefix }: SwiftRequest, prefix: string | null): string[] {
  const name = object ?? ''
  const own = `/v1/${account}/`
  if (prefix === null) return [own, doorPrefix + own].map((path) => `${path}${container}/${name}`)
  const paths = name.startsWith(prefix) ? [own, doorPrefix + own].map((path) => `prefix:${path}${container}/${prefix}`) : []
  return `${container}/${name}`.startsWith(prefix) && prefix.includes('/') ? [...paths, `prefix:${doorPrefix}${own}${prefix}`] : paths
}

/** What would make a write a pointer to, or a copy of, what the URL does not speak of. */
const pointers = [
  'x-object-manifest',
  'x-symlink-target',
  'x-symlink-target-account',
  'x-symlink-target-etag',
  'x-copy-from',
  'x-copy-from-account',
  'x-rename-to',
]

function forbiddenHeader({ method, headers }: SwiftRequest): SwiftAnswer | null {
  if (method === 'GET' || method === 'HEAD') return null
  const found = pointers.find((name) => headers[name] !== undefined)
  return found === undefined ? null : swiftError(400, `The header '${found}' is not allowed in this tempurl`)
}

async function granted(request: SwiftRequest, next: Next, { ticket, scope }: { ticket: Ticket; scope: Scope }): Promise<SwiftAnswer> {
  const { account, container, method, query } = request
  const caller: Caller = {
    kind: 'granted',
    by: 'tempurl',
    mayDo: (asked) => asked.account === account && (scope === 'account' || asked.container === container),
  }
  const inner = request.withHeaders({ 'x-timestamp': undefined }).with({ caller, query: keptQuery(query) })
  const made = await next(inner)
  const headers = Object.fromEntries(Object.entries(made.headers).filter(([name]) => isTold(name)))
  if ((method !== 'GET' && method !== 'HEAD') || !isSuccess(made)) return { ...made, headers }
  // a container's listing is nobody's business here, the page that it may be is
  if ((request.object ?? '') === '' && made.mayShow !== true) return invalid(request)
  const isInline = query.has('inline') || made.mayShow === true
  headers['content-disposition'] = dispositionOf(request, { isInline, existing: headers['content-disposition'] })
  headers['expires'] = httpDate(ticket.expires.seconds)
  return { ...made, headers, ...(isInline && { mayShow: true }) }
}

/** Of the parameters those that speak of the URL itself: everything else is dropped. The signature is kept for links in pages. */
function keptQuery(query: Query): Query {
  const names = ['temp_url_sig', 'temp_url_expires', 'temp_url_prefix', 'temp_url_ip_range', 'filename', 'inline']
  return new Query(names.flatMap((name): [string, string][] => (query.has(name) ? [[name, query.get(name) ?? '']] : [])))
}

const isTold = (name: string): boolean => !name.startsWith('x-object-meta-') || name.startsWith('x-object-meta-public-')

function dispositionOf(
  { query, object, container }: SwiftRequest,
  { isInline, existing }: { isInline: boolean; existing: string | undefined },
): string {
  const name = query.get('filename') ?? ''
  if (isInline) return name === '' ? 'inline' : disposition('inline', name)
  if (name !== '') return disposition('attachment', name)
  return existing ?? disposition('attachment', (object ?? container ?? '').replace(/\/+$/, '').split('/').at(-1) ?? '')
}

/** The name in both of the forms that browsers know. */
const disposition = (kind: 'inline' | 'attachment', name: string): string =>
  `${kind}; filename="${quoted(name).replaceAll('%20', ' ')}"; filename*=UTF-8''${quoted(name, '')}`

infoAdd('tempurl', ({ config }) => ({
  methods,
  incoming_remove_headers: ['x-timestamp'],
  incoming_allow_headers: [],
  outgoing_remove_headers: ['x-object-meta-*'],
  outgoing_allow_headers: ['x-object-meta-public-*'],
  allowed_digests: [...config.object.tempUrlDigests].sort(),
  deprecated_digests: config.object.tempUrlDigests.filter((digest) => digest === 'sha1'),
}))
