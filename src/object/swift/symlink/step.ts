// Links from one object to another. PUT makes one; GET and HEAD follow it (read.ts); POST is applied to the link itself and says so.
import type { VersionRow } from '../../store/tables.ts'
import { isSuccess, swiftError, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { infoAdd } from '../info.ts'
import { inside } from '../inside.ts'
import { listingExtrasAdd } from '../listing-extras.ts'
import { objectKept, writeChecked } from '../objects.ts'
import { objectOf } from '../read-object.ts'
import { SwiftRefusal } from '../refusals.ts'
import { representerAdd } from '../representations.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next, Step } from '../steps.ts'
import { etagOf, mostLinks, symlinkRepresenter } from './read.ts'
import { keptTarget, pathOf, systemOf, targetOf, type LinkTarget } from './target.ts'

export const symlink: Step = async (request, next) => {
  const { method, object, headers } = request
  if (object === null) return next(request)
  if (method === 'PUT' && headers['x-symlink-target'] !== undefined) return linkPut(request)
  if (method === 'POST') return linkPost(request, next)
  return next(request)
}

async function linkPut(request: SwiftRequest): Promise<SwiftAnswer> {
  if (request.hasBody) await refuseBytes(request)
  const self = { account: request.account ?? '', container: request.container ?? '', object: request.object ?? '' }
  const target = targetOf(request.headers, self)
  await writeChecked(request)
  const found = target.etag === null ? null : await staticTarget(request, target)
  const hasType = (request.headers['content-type'] ?? '') !== ''
  return objectKept(request, {
    kind: 'symlink',
    body: await request.engine.blobs.take(Buffer.alloc(0), { maxBytes: 0 }),
    system: {
      ...systemOf(target, { isForeign: request.headers['x-symlink-target-account'] !== undefined, bytes: found && bytesOf(found) }),
      ...(found?.kind === 'slo' && { 'symlink-slo-etag': found.etag }),
    },
    ...(hasType ? {} : { contentType: found?.content_type ?? 'application/symlink' }),
  })
}

/** A body in chunks may be empty. */
async function refuseBytes(request: SwiftRequest): Promise<void> {
  if (request.contentLength === null && (await request.text(0, 400)).length === 0) return
  throw new SwiftRefusal(400, 'Symlink requests require a zero byte body')
}

/** A static link's target must be there, with that ETag. */
async function staticTarget(request: SwiftRequest, target: LinkTarget): Promise<VersionRow> {
  const { account, container, object, etag } = target
  const at = inside(request, { method: 'HEAD', account, container, object })
  const row = await objectOf(at)
  await authorise(at, 'object.read', row)
  const location = { 'content-location': pathOf(target) }
  if (!row || row.is_marker) throw new SwiftRefusal(409, 'X-Symlink-Target does not exist', location)
  if (etagOf(row) !== etag)
    throw new SwiftRefusal(409, `Object Etag '${etagOf(row)}' does not match X-Symlink-Target-Etag header '${etag}'`, location)
  return row
}

const bytesOf = ({ bytes, system }: VersionRow): number => Number(system['x-symlink-target-bytes'] ?? bytes)

async function linkPost(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  if (request.headers['x-symlink-target'] !== undefined) throw new SwiftRefusal(400, 'A PUT request is required to set a symlink target')
  const made = await next(request)
  if (!isSuccess(made)) return made
  const row = await objectOf(request)
  if (row?.kind !== 'symlink') return made
  const target = keptTarget(row.system, request.account ?? '')
  return swiftError(307, 'The requested POST was applied to a symlink. POST directly to the target to apply requested metadata.', {
    location: request.doorPrefix + pathOf(target),
    ...(target.etag !== null && { 'x-symlink-target-etag': target.etag }),
  })
}

representerAdd('symlink', symlinkRepresenter)
listingExtrasAdd('symlink', ({ system }) => ({
  symlink_path: system['symlink-path'],
  ...(system['symlink-slo-etag'] !== undefined && { slo_etag: `"${String(system['symlink-slo-etag'])}"` }),
  ...(system['x-symlink-target-etag'] !== undefined && {
    symlink_etag: system['x-symlink-target-etag'],
    symlink_bytes: Number(system['x-symlink-target-bytes']),
  }),
}))
infoAdd('symlink', () => ({ symloop_max: mostLinks, static_links: true }))
