// POST or DELETE with ?bulk-delete: the body's names one after the other, objects first, containers when they may be empty. What became
// of each is counted or told in the body of an answer that says 200.
import { discardBody, statusLine, type SwiftAnswer } from '../answer.ts'
import { listingType } from '../accept.ts'
import { livingBody } from '../heartbeat.ts'
import { inside } from '../inside.ts'
import { Query } from '../query.ts'
import { refusalAnswer, SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'
import { mostNames, namesOf, type Named } from './names.ts'
import { failedStatus, resultBody, type Failure, type ResultType } from './result.ts'

export const bulkDeleteLimits = { names: mostNames, failures: 1000 }

/** So many are deleted side by side; an object of which the next one is a part comes after it in any case. */
const together = 16

/** What is to be deleted, or why it cannot be. */
export interface Doomed {
  container: string
  object: string | null
  version?: string
  /** as the client wrote it */
  text?: string
  failure?: { status: number; text?: string }
}

/** The type of the answer; null: the client takes none that there is. */
export function resultTypeOf({ headers }: SwiftRequest): ResultType | null {
  const type = listingType(null, headers['accept'])
  return type === 'malformed' || type === 'none' ? null : type
}

export function bulkDelete(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  return bulkDeleted(request, { next, doomed: namedIn(request), root: 'delete' })
}

/** Objects as they are named, then containers. */
async function* namedIn(request: SwiftRequest): AsyncGenerator<Doomed> {
  const type = request.headers['content-type']
  if (type !== undefined && type !== '' && !type.startsWith('text/plain')) throw new SwiftRefusal(406)
  if (!request.saysLength) throw new SwiftRefusal(411)
  const found = await namesOf(request.body())
  if ('fault' in found)
    throw found.fault === 'too-many'
      ? new SwiftRefusal(413, `Maximum Bulk Deletes: ${mostNames} per request`)
      : new SwiftRefusal(400, 'Invalid File Name')
  const isObject = ({ place }: Named) => place === null || place.object !== null
  for (const name of found.names.filter(isObject)) yield doomedOf(name)
  for (const name of found.names.filter((name) => !isObject(name))) yield doomedOf(name)
}

const doomedOf = ({ text, place }: Named): Doomed =>
  place ? { ...place, text } : { container: text, object: '', text, failure: { status: 412 } }

interface Deletion {
  next: Next
  doomed: AsyncIterable<Doomed>
  root: string
}

/** An answer that tells what became of each. */
export async function bulkDeleted(request: SwiftRequest, deletion: Deletion): Promise<SwiftAnswer> {
  const type = resultTypeOf(request)
  // without a type that the client takes nothing is deleted, and that is told as text
  const result = type ? deleted(request, deletion) : Promise.resolve(new Outcome().refused(406, ''))
  const body = result.then(({ facts, failures }) => resultBody(type ?? 'text/plain', { facts, failures, root: deletion.root }))
  return {
    status: 200,
    headers: { 'content-type': type ?? 'text/plain' },
    body: livingBody(request, body, { isXml: type?.endsWith('/xml') ?? false, atOnce: false }),
  }
}

/** What happened so far. */
class Outcome {
  deleted = 0
  notFound = 0
  failures: Failure[] = []
  statuses: number[] = []
  #refusal: { status: number; text: string } | null = null

  refused(status: number, text: string): this {
    this.#refusal = { status, text }
    return this
  }

  get facts() {
    const { deleted: count, notFound } = this
    const isNothing = count === 0 && notFound === 0
    const status = this.#refusal
      ? statusLine(this.#refusal.status)
      : this.failures.length > 0
        ? failedStatus(this.statuses)
        : statusLine(isNothing ? 400 : 200)
    const text = this.#refusal?.text ?? (isNothing && this.failures.length === 0 ? 'Invalid bulk delete.' : '')
    return { 'Response Status': status, 'Response Body': text, 'Number Deleted': count, 'Number Not Found': notFound }
  }
}

async function deleted(request: SwiftRequest, { next, doomed }: Deletion): Promise<Outcome> {
  const outcome = new Outcome()
  try {
    let group: Doomed[] = []
    for await (const one of doomed) {
      // a container is deleted when all objects before it are
      if (one.object === null) await run(request, next, { group: group.splice(0), outcome })
      group.push(one)
      if (group.length >= together || one.object === null) await run(request, next, { group: group.splice(0), outcome })
      if (outcome.failures.length >= bulkDeleteLimits.failures) return outcome.refused(400, 'Max delete failures exceeded')
    }
    await run(request, next, { group, outcome })
    return outcome
  } catch (thrown) {
    const refusal = refusalAnswer(thrown)
    if (!refusal) request.platform.log.error({ request: request.transId, err: thrown }, 'a bulk deletion failed')
    return outcome.refused(refusal?.status ?? 500, typeof refusal?.body === 'string' ? refusal.body : '')
  }
}

async function run(request: SwiftRequest, next: Next, { group, outcome }: { group: Doomed[]; outcome: Outcome }): Promise<void> {
  const answers = await Promise.all(group.map((one) => one.failure ?? deletedOne(request, next, one)))
  for (const [index, { status, text }] of answers.entries()) {
    if (status >= 200 && status < 300) outcome.deleted++
    else if (status === 404) outcome.notFound++
    else {
      outcome.failures.push([nameOf(group[index] as Doomed), text ?? statusLine(status)])
      outcome.statuses.push(status)
    }
  }
}

async function deletedOne(
  request: SwiftRequest,
  next: Next,
  { container, object, version }: Doomed,
): Promise<{ status: number; text?: string }> {
  const query = new Query(version === undefined ? [] : [['version-id', version]])
  const made = await next(inside(request, { method: 'DELETE', container, object, query }))
  discardBody(made)
  return { status: made.status }
}

const nameOf = ({ container, object, text }: Doomed): string => text ?? (object === null ? container : `/${container}/${object}`)
