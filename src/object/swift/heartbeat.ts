// ?heartbeat=on: an answer that begins at once and shows signs of life while the work lasts; what became of it stands at the end of
// the body, in the format asked for. Its status is 202 whatever happens.
import { Readable } from 'node:stream'
import { delay } from '../../platform/clock.ts'
import { answer, statusLine, type SwiftAnswer } from './answer.ts'
import { resultBody, xmlStart, type Failure, type Facts, type ResultType } from './bulk/result.ts'
import { refusalAnswer } from './refusals.ts'
import type { SwiftRequest } from './request.ts'

/** A sign of life every so many milliseconds. */
const beatMs = 10_000

export interface Work {
  type: ResultType
  /** what XML's elements are called after */
  root: string
  /** does it; what failed by name, if anything */
  work: () => Promise<{ answer: SwiftAnswer; failures: Failure[] }>
}

/** 202 at once; the status that counts stands in the body. */
export function heartbeat(request: SwiftRequest, { type, root, work }: Work): SwiftAnswer {
  const result = outcome(request, work).then(({ answer: made, failures }) => resultBody(type, { facts: factsOf(made), failures, root }))
  return answer(202, { type, body: livingBody(request, result, { isXml: type.endsWith('/xml'), atOnce: true }) })
}

/** A body that shows signs of life until the result is there; `atOnce`: from the beginning, else only when it takes long. */
export function livingBody(request: SwiftRequest, result: Promise<string>, shown: { isXml: boolean; atOnce: boolean }): Readable {
  return Readable.from(beating(request, result, shown), { objectMode: false })
}

async function* beating(
  { platform }: SwiftRequest,
  result: Promise<string>,
  { isXml, atOnce }: { isXml: boolean; atOnce: boolean },
): AsyncGenerator<Buffer> {
  const ended = result.then(
    () => true,
    () => true,
  )
  let beats = 0
  if (atOnce) yield sign(beats++, isXml)
  for (;;) {
    const waiting = new AbortController()
    const beat = delay(platform.clock, beatMs, waiting.signal).then(
      () => false,
      () => true,
    )
    const isDone = await Promise.race([ended, beat])
    waiting.abort()
    if (isDone) break
    yield sign(beats++, isXml)
  }
  yield Buffer.from(`${beats > 0 ? '\r\n\r\n' : ''}${await result}`)
}

/** A blank; an XML document may begin with nothing but its first line. */
const sign = (beats: number, isXml: boolean): Buffer => Buffer.from(beats === 0 && isXml ? xmlStart : ' ')

/** A refusal is a result like any other; a fault of ours is logged, and told as one. */
async function outcome(request: SwiftRequest, work: Work['work']): Promise<{ answer: SwiftAnswer; failures: Failure[] }> {
  try {
    return await work()
  } catch (thrown) {
    const refusal = refusalAnswer(thrown)
    if (!refusal) request.platform.log.error({ request: request.transId, err: thrown }, 'work behind a heartbeat failed')
    return { answer: refusal ?? answer(500), failures: [] }
  }
}

function factsOf({ status, headers, body }: SwiftAnswer): Facts {
  const facts: Facts = {
    'Response Status': statusLine(status),
    'Response Body': typeof body === 'string' ? body : status < 300 ? '' : statusLine(status).slice(4),
  }
  if (headers['etag'] !== undefined) facts['Etag'] = headers['etag']
  if (headers['last-modified'] !== undefined) facts['Last Modified'] = headers['last-modified']
  return facts
}
