// DELETE ?multipart-manifest=delete: the segments, those of large objects among them, then the object itself. With &async=on the
// segments are given an end that has come, and the worker that ends objects does the rest.
import { objectUpdate } from '../../engine/index.ts'
import { isSuccess, statusLine, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { bulkDeleted, type Doomed } from '../bulk/delete.ts'
import { inside } from '../inside.ts'
import { isTrue, Query } from '../query.ts'
import { objectOf } from '../read-object.ts'
import { refusalAnswer, SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'
import { piecesOf } from './open.ts'
import { isDataPiece, type PathPiece } from './pieces.ts'
import { sloLimits } from './put.ts'

/** Segments that wait to be deleted. */
const mostWaiting = sloLimits.segments * 10

export function sloDelete(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  return isTrue(request.query.get('async'))
    ? deletedLater(request, next)
    : bulkDeleted(request, { next, doomed: doomed(request), root: 'delete' })
}

/** The object's segments, or what there is instead of them: nothing, no large object, nothing that the asker may read. */
async function segmentsOf(request: SwiftRequest): Promise<PathPiece[] | { status: number; text?: string }> {
  const row = await objectOf(request)
  await authorise(request, 'object.read', row)
  if (!row || row.is_marker) return { status: 404 }
  if (row.kind !== 'slo') return { status: 400, text: 'Not an SLO manifest' }
  return (await piecesOf(request, row)).filter((piece): piece is PathPiece => !isDataPiece(piece))
}

/** What is to be deleted, in order: a large object after its segments. */
async function* doomed(request: SwiftRequest): AsyncGenerator<Doomed> {
  const { container = '', object = '', query } = request
  const version = query.get('version-id')
  const waiting: (Doomed & { isSlo: boolean })[] = [
    { container: container ?? '', object: object ?? '', isSlo: true, ...(version === null ? {} : { version }) },
  ]
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    if (!one.isSlo) yield one
    else {
      const { container: within, object: name, version: id } = one
      const found = await refusedOr(() =>
        segmentsOf(
          inside(request, {
            method: 'GET',
            container: within,
            object: name,
            query: new Query(id === undefined ? [] : [['version-id', id]]),
          }),
        ),
      )
      if (Array.isArray(found))
        waiting.push(...found.map(({ container: of, object: segment, isSlo }) => ({ container: of, object: segment, isSlo })))
      if (waiting.length > mostWaiting) throw new SwiftRefusal(400, 'Too many buffered slo segments to delete.')
      waiting.push({ ...one, isSlo: false, ...(Array.isArray(found) ? {} : { failure: found }) })
    }
  }
}

async function refusedOr<T>(work: () => Promise<T>): Promise<T | { status: number; text?: string }> {
  try {
    return await work()
  } catch (thrown) {
    const refusal = refusalAnswer(thrown)
    if (!refusal) throw thrown
    return { status: refusal.status, text: statusLine(refusal.status) }
  }
}

async function deletedLater(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  const found = await segmentsOf(request)
  if (!Array.isArray(found)) throw new SwiftRefusal(found.status, found.text)
  const containers = [...new Set(found.map(({ container }) => container))]
  if (containers.length > 1) throw new SwiftRefusal(400, 'All segments must be in one container.')
  if (found.some(({ isSlo }) => isSlo)) throw new SwiftRefusal(400, 'No segments may be large objects.')
  await authorise(request, 'object.delete')
  for (const container of containers)
    await authorise(inside(request, { method: 'DELETE', container, object: request.object }), 'object.delete')
  const made = await next(request.with({ query: request.query.with({ 'multipart-manifest': null, async: null }) }))
  if (isSuccess(made)) await ended(request, found)
  return made
}

/** So many segments are given their end side by side, in one write of the engine. */
const together = 100

/** Gives the segments an end that has come. What is gone meanwhile, or was written anew, is none of ours. */
async function ended(request: SwiftRequest, segments: PathPiece[]): Promise<void> {
  const { engine, by, accountKey: account } = request
  const change = () => ({ expires_us: engine.nowUs() })
  for (let from = 0; from < segments.length; from += together) {
    const group = segments.slice(from, from + together)
    await Promise.all(
      group.map(({ container, object: name, etag }) =>
        refusedOr(() => objectUpdate(engine, { by, account, container, name, conditions: { ifMatch: [etag] }, change })),
      ),
    )
  }
}
