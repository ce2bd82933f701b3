// The life of a request at the S3 door: read, signed by whom, which operation, on which bucket, may they, done, written, logged.
// Everything that a user can cause ends as an S3Error; the log's lines hold no query, since presigned ones carry signatures.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Platform } from '../../platform/context.ts'
import { engineOf, transferCount } from '../engine/index.ts'
import { ObjectRefusal } from '../refusal.ts'
import { answerWrite, errorAnswer, type Asked } from './answer.ts'
import { unreadDrain } from './body/unread.ts'
import { bucketOf } from './buckets/find.ts'
import { S3Error } from './errors.ts'
import { onAnswer } from './hooks.ts'
import type { Bucket, S3Answer, S3Call } from './operation.ts'
import { operationOf } from './operations.ts'
import { permit } from './permit.ts'
import { refusalAsS3 } from './refusals.ts'
import { regionOf } from './region.ts'
import { keyCheck, requestRead, type HostRules, type S3Request } from './request.ts'
import { authenticate } from './sign/authenticate.ts'

const requestIdBytes = 8

interface Exchange {
  platform: Platform
  hosts: HostRules
  raw: IncomingMessage
  response: ServerResponse
  requestId: string
  /** once they are known */
  request?: S3Request
  call?: S3Call
}

/** Answers one request; never rejects. */
export async function s3Handle(platform: Platform, hosts: HostRules, [raw, response]: [IncomingMessage, ServerResponse]): Promise<void> {
  const beganMs = platform.clock.nowMs()
  const requestId = platform.ids.bytes(requestIdBytes).toString('hex').toUpperCase()
  const exchange: Exchange = { platform, hosts, raw, response, requestId }
  const path = (raw.url ?? '').split('?', 1)[0] ?? ''
  const asked: Asked = { method: raw.method ?? 'GET', requestId, resource: path }
  let failure: S3Error | undefined
  try {
    const answer = await answerOf(exchange)
    await answerWrite(response, { ...answer, headers: { ...answer.headers, ...moreHeaders(exchange) } }, asked)
  } catch (error) {
    failure = asS3Error(error)
    await refuse(exchange, failure, asked)
  }
  const { call } = exchange
  const line = {
    request: requestId,
    method: asked.method,
    path,
    operation: call?.operation.name,
    status: response.statusCode,
    code: failure?.code,
    access: call?.signer.access ?? undefined,
    region: foreignRegion(call),
    ms: platform.clock.nowMs() - beganMs,
  }
  if (failure && failure.status >= 500 && failure.code !== 'NotImplemented')
    platform.log.error({ ...line, err: failure.cause ?? failure }, 's3 request failed')
  else platform.log.info(line, 's3 request')
}

/** What a page of another origin may see, on errors too; nothing of a request that could not be read. */
function moreHeaders({ request, call }: Exchange): Record<string, string> {
  if (!request) return {}
  const bucket = (call?.bucket as Bucket | undefined) ?? null
  return Object.assign({}, ...onAnswer.map((hook) => hook(request, bucket))) as Record<string, string>
}

async function answerOf(exchange: Exchange): Promise<S3Answer> {
  const call = await callOf(exchange)
  if (!call.operation.asksItself) await permit(call)
  const answer = await call.operation.handler(call)
  transferNote(call, answer)
  return answer
}

async function callOf(exchange: Exchange): Promise<S3Call> {
  const { platform, hosts, raw, response, requestId } = exchange
  const request = requestRead(raw, hosts)
  exchange.request = request
  const signer = await authenticate(platform, request)
  const operation = operationOf(request)
  keyCheck(request.key)
  const engine = engineOf(platform)
  const { actor } = signer
  const account = actor?.projectId ?? ''
  const call: Omit<S3Call, 'bucket' | 'action'> = {
    platform,
    engine,
    request,
    response,
    operation,
    signer,
    actor,
    by: { userId: actor?.userId ?? null, projectId: actor?.projectId ?? null, requestId },
    requestId,
    account,
    key: request.key,
  }
  const whole = call as S3Call
  exchange.call = whole
  whole.action = typeof operation.action === 'string' ? operation.action : operation.action(whole)
  if (operation.on !== 'service' && !operation.withoutBucket) {
    whole.bucket = await bucketOf(engine, account, request.bucket)
    ownerExpected(whole.bucket, request.headers.get('x-amz-expected-bucket-owner'))
  }
  return whole
}

/** Who names the owner that a bucket should have does not want to write into another's of the same name. */
export function ownerExpected({ account }: Bucket, expected: string | undefined): void {
  if (expected !== undefined && expected !== account) throw new S3Error('AccessDenied')
}

/** An answer that has begun cannot become an error any more: its connection is cut, so that nobody takes it for whole. */
async function refuse(exchange: Exchange, failure: S3Error, asked: Asked): Promise<void> {
  const { raw, response, platform, requestId } = exchange
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  try {
    const mayGoOn = await unreadDrain(platform.clock, raw, response)
    const answer = errorAnswer(failure, asked)
    await answerWrite(
      response,
      { ...answer, headers: { ...answer.headers, ...moreHeaders(exchange), ...(!mayGoOn && { connection: 'close' }) } },
      asked,
    )
  } catch (error) {
    platform.log.info({ request: requestId, err: error }, 's3 answer broke off')
    response.destroy()
  }
}

function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error
  if (error instanceof ObjectRefusal) return refusalAsS3(error)
  if (isBrokenOff(error)) return new S3Error('IncompleteBody', undefined, { cause: error })
  return new S3Error('InternalError', undefined, { cause: error })
}

/** The other side went away in the middle of its body, or of the answer. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(String(error.code))

/** Any region is taken; another than this cloud's is worth a word in the log. */
const foreignRegion = (call: S3Call | undefined): string | undefined =>
  call?.signer.region && call.signer.region !== regionOf(call.platform) ? call.signer.region : undefined

function transferNote({ engine, bucket, request }: S3Call, answer: S3Answer): void {
  const account = (bucket as Bucket | undefined)?.account
  if (account === undefined) return
  const bytesOut = request.method === 'GET' && answer.body ? Number(answer.headers?.['content-length'] ?? 0) : 0
  transferCount(engine, account, { in: Number(request.headers.get('content-length') ?? 0), out: bytesOut })
}
