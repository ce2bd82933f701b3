// The life of a request at the Swift door: its path and headers are decoded, the steps answer it, the answer is written, one line is
// logged.
import type { IncomingMessage } from 'node:http'
import type { Door } from '../../platform/api/door.ts'
import type { Platform } from '../../platform/context.ts'
import { engineOf, transferCount } from '../engine/index.ts'
import { storageHost, storagePath } from '../storage-host.ts'
import { swiftError, type SwiftAnswer } from './answer.ts'
import { decoded, headerText, placeOf } from './path.ts'
import { Query } from './query.ts'
import { refusalAnswer } from './refusals.ts'
import { SwiftRequest, type Shared } from './request.ts'
import { runSteps } from './steps.ts'
import { transIdOf } from './trans-id.ts'
import { write } from './write.ts'

const ownPrefix = '/object'
const longestLoggedPath = 300

export const swiftHandle: Door['handle'] = async (raw, response, { platform, authenticate }) => {
  const startedMs = platform.clock.nowMs()
  const { url, doorPrefix } = addressed(raw, platform)
  const mark = url.indexOf('?')
  const rawPath = mark < 0 ? url : url.slice(0, mark)
  const headers: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(raw.headers))
    if (value !== undefined && !isFalseFraming(name))
      headers[headerName(name)] = headerText(Array.isArray(value) ? value.join(', ') : value)
  const shared: Shared = {
    platform,
    engine: engineOf(platform),
    authenticate,
    raw,
    response,
    doorPrefix,
    rawPath,
    transId: transIdOf(platform, headers['x-trans-id-extra']),
    remoteAddress: raw.socket.remoteAddress ?? '',
    body: { taken: false, bytes: 0 },
    accounts: new Map(),
    containers: new Map(),
  }
  const path = decoded(rawPath.slice(doorPrefix.length))
  const place = path === null ? null : placeOf(path)
  const request = new SwiftRequest(shared, {
    method: raw.method ?? 'GET',
    ...(place ?? { version: '', account: null, container: null, object: null }),
    query: Query.of(mark < 0 ? '' : url.slice(mark + 1)),
    headers,
    caller: { kind: 'unknown' },
  })
  const answer =
    url === ''
      ? swiftError(400, 'Bad domain in host header')
      : path === null
        ? swiftError(412, 'Invalid UTF8 or contains NULL')
        : await answered(request)
  // the client left before its request was whole: nobody hears an answer
  if (raw.destroyed && !raw.complete) return void logged(request, { status: 499, ms: platform.clock.nowMs() - startedMs, out: 0 })
  const out = await write(request, answer)
  logged(request, { status: answer.status, ms: platform.clock.nowMs() - startedMs, out })
}

/** Swift is told by WSGI, where `_` and `-` are one sign: X-Object-Meta-Some_Name is X-Object-Meta-Some-Name. */
const headerName = (name: string): string => name.replaceAll('_', '-')

/** How long the body is say the headers alone that the connection's own reader goes by. */
const isFalseFraming = (name: string): boolean => name === 'content_length' || name === 'transfer_encoding'

/** The path as if it had come without a host name of an account's; '' where the host names none. */
function addressed({ url = '/', headers }: IncomingMessage, { config }: Platform): { url: string; doorPrefix: string } {
  const parts = storageHost(headers.host ?? '', config.object.storageDomains)
  if (!parts) return { url, doorPrefix: ownPrefix }
  const path = storagePath(parts)
  return { url: path === null ? '' : path + (url === '/' && parts.length === 1 ? '' : url), doorPrefix: '' }
}

async function answered(request: SwiftRequest): Promise<SwiftAnswer> {
  try {
    return await runSteps(request)
  } catch (thrown) {
    const refusal = refusalAnswer(thrown)
    if (refusal) return refusal
    // a client that went away is no fault of ours
    if (request.raw.destroyed && !request.raw.complete) return swiftError(499)
    request.platform.log.error({ request: request.transId, err: thrown }, `${request.method} ${shown(request.rawPath)} failed`)
    return swiftError(500)
  }
}

/** A path for the log: the query, where signatures stand, is not in it. */
const shown = (path: string): string => (path.length > longestLoggedPath ? `${path.slice(0, longestLoggedPath)}… (${path.length})` : path)

function logged(request: SwiftRequest, { status, ms, out }: { status: number; ms: number; out: number }): void {
  const { platform, engine, by, account, shared } = request
  if (account !== null) transferCount(engine, request.accountKey, { in: shared.body.bytes, out })
  if (platform.config.logLevel === 'error') return
  platform.log.request(
    { request: request.transId, status, ms, user: by.userId, project: by.projectId, in: shared.body.bytes, out },
    `${request.raw.method} ${shown(request.rawPath)}`,
  )
}
