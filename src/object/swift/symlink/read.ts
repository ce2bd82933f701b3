// GET and HEAD of a link: its target, or with ?symlink=get the link. A static link is followed as long as the target is the one that it
// was made for. Who may follow it is asked at every target.
import { Readable } from 'node:stream'
import type { VersionRow } from '../../store/tables.ts'
import { swiftError, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { headersOfObject } from '../object-headers.ts'
import { objectOf } from '../read-object.ts'
import { isAnswer, representationOf, type Representation, type Representer } from '../representations.ts'
import type { SwiftRequest } from '../request.ts'
import { keptTarget, linkHeaders, pathOf } from './target.ts'

/** Links that are followed one after the other. */
export const mostLinks = 2

export const symlinkRepresenter: Representer = async (request, object) =>
  request.query.get('symlink') === 'get' ? linkItself(object) : followed(request, object)

const linkItself = (object: VersionRow): Representation => ({
  etag: object.etag,
  bytes: 0,
  contentType: object.content_type,
  modifiedUs: object.modified_us,
  headers: { ...headersOfObject(object), ...linkHeaders(object.system) },
  open: async () => Readable.from([]),
})

/** The ETag that a static link is held against: a large object's is its manifest's, a static link's that of its own target. */
export const etagOf = ({ kind, etag, system }: VersionRow): string =>
  kind === 'slo' ? String(system['slo-manifest-etag']) : String(system['x-symlink-target-etag'] ?? etag)

async function followed(request: SwiftRequest, link: VersionRow): Promise<Representation | SwiftAnswer> {
  let from = request
  let row = link
  for (let links = 0; row.kind === 'symlink'; links++) {
    if (links >= mostLinks) return swiftError(409, `Too many levels of symbolic links, maximum allowed is ${mostLinks}`)
    const target = keptTarget(row.system, from.account ?? '')
    const { account, container, object } = target
    from = request.with({ account, container, object, query: request.query.with({ 'version-id': null }) })
    const location = { 'content-location': pathOf(target) }
    const found = await objectOf(from)
    await authorise(from, 'object.read', found)
    if (!found || found.is_marker) return swiftError(404, undefined, location)
    if (target.etag !== null && etagOf(found) !== target.etag)
      return swiftError(409, `Object Etag '${etagOf(found)}' does not match X-Symlink-Target-Etag header '${target.etag}'`, location)
    row = found
  }
  const made = await representationOf(from, row)
  const location = {
    'content-location': pathOf({ account: from.account ?? '', container: from.container ?? '', object: row.name }),
  }
  return isAnswer(made) ? made : { ...made, headers: { ...made.headers, ...location } }
}
