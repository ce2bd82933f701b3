// Objects of a container that keeps versions: which version an answer speaks of, and what is done to one by its id.
import { objectFind, versionOf, versionRestore } from '../../engine/index.ts'
import type { Verdict } from '../../access/index.ts'
import type { ContainerRow, VersionRow } from '../../store/tables.ts'
import { isSuccess, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { keyOf, writeChecked, written } from '../objects.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'
import { idOf, markerType } from './listing.ts'

/** Verdicts on those who belong to the account. */
const inside = new Set<Verdict['because']>(['reseller', 'system-reader', 'operator', 'reader'])

/** With ?version-id. */
export async function versionAsked(request: SwiftRequest, next: Next, id: string): Promise<SwiftAnswer> {
  const { method } = request
  const row = await request.containerRow()
  if (method === 'POST') throw new SwiftRefusal(400, 'POST to a specific version is not allowed')
  if (method === 'OPTIONS' || !row) return next(request)
  // where no versions are kept the only one is the object
  if (row.versioning === '' && id === 'null' && method !== 'PUT')
    return next(request.with({ query: request.query.with({ 'version-id': null }) }))
  if (row.versioning === '' && id !== 'null')
    throw new SwiftRefusal(400, 'version-aware operations require that the container is versioned')
  if (versionOf(id) === undefined) throw new SwiftRefusal(400, 'Invalid version parameter')
  if (method === 'PUT') return restored(request, id)
  if (method === 'DELETE') return deleted(request, next, { row, id })
  // an ACL of the container gives what is current
  const { because, owner } = await authorise(request, 'object.read')
  if (!owner && !inside.has(because)) throw new SwiftRefusal(403)
  const made = await next(request)
  if (isSuccess(made) || made.status === 304 || made.status === 416) made.headers['x-object-version-id'] = id
  else if (made.status === 404) return { ...made, headers: { ...made.headers, ...(await markerHeaders(request, { row, id })) } }
  return made
}

/** PUT without bytes: the version becomes the current one. */
async function restored(request: SwiftRequest, id: string): Promise<SwiftAnswer> {
  const version = versionOf(id)
  if (version === undefined || version === 'null') throw new SwiftRefusal(400, 'Invalid version parameter')
  if (!request.saysLength) throw new SwiftRefusal(411)
  if (request.hasBody && (request.contentLength !== null || (await request.text(0, 400)).length > 0))
    throw new SwiftRefusal(400, 'PUT version-id requests require a zero byte body')
  await writeChecked(request)
  const object = await versionRestore(request.engine, { by: request.by, ...keyOf(request), version })
  const made = await written(request, object)
  made.headers['x-object-version-id'] = id
  return made
}

interface Asked {
  row: ContainerRow
  id: string
}

async function deleted(request: SwiftRequest, next: Next, { row, id }: Asked): Promise<SwiftAnswer> {
  const made = await next(request)
  if (!isSuccess(made)) return made
  const current = await objectFind(request.engine, row, request.object ?? '')
  made.headers['x-object-version-id'] = id
  made.headers['x-object-current-version-id'] = current ? idOf(row, current) : 'null'
  return made
}

/** The mark of a deletion is no object, but it says that it is there. */
async function markerHeaders(request: SwiftRequest, { row, id }: Asked): Promise<Record<string, string>> {
  const version = versionOf(id)
  const found: VersionRow | undefined =
    version === undefined ? undefined : await objectFind(request.engine, row, request.object ?? '', version)
  return found?.is_marker ? { 'x-object-version-id': id, 'content-type': markerType } : {}
}

/** Without an id: which version an answer is of. */
export async function versionTold(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  const row = await request.containerRow()
  if (!row?.versioning || (request.method !== 'GET' && request.method !== 'HEAD')) return next(request)
  const made = await next(request)
  if (!isSuccess(made) && made.status !== 304 && made.status !== 416) return made
  const current = await objectFind(request.engine, row, request.object ?? '')
  if (current) made.headers['x-object-version-id'] = idOf(row, current)
  return made
}
