// GET of a container with ?versions: all versions and the marks of deletions, newest first for each name, as JSON.
import { timestampOf, versionId, versionOf, versionsList } from '../../engine/index.ts'
import type { ContainerRow, VersionRow } from '../../store/tables.ts'
import { listingType } from '../accept.ts'
import { answer, swiftError, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { headersOf, recordOf } from '../containers.ts'
import { listingOf } from '../listing-request.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import { containerShown } from './containers.ts'

/** The type of what stands for a deletion. */
export const markerType = 'application/x-deleted;swift_versions_deleted=1'

export async function versionsRead(request: SwiftRequest): Promise<SwiftAnswer> {
  const { engine, query } = request
  const row = await request.containerRow()
  const { owner } = await authorise(request, 'container.list')
  if (!row) return swiftError(404)
  if (!takesJson(request)) throw new SwiftRefusal(406)
  const marker = query.get('marker')
  const text = query.get('version_marker')
  if (text !== null && marker === null) throw new SwiftRefusal(400, 'version_marker param requires marker')
  // a version's id is digits and a point: they must not cut it in two
  if (/[\d.]/.test(query.get('delimiter') ?? '')) throw new SwiftRefusal(400, 'invalid delimiter param')
  const versionMarker = text === null || text === '' ? undefined : versionOf(text)
  if (text !== null && text !== '' && versionMarker === undefined) throw new SwiftRefusal(400, 'invalid version_marker param')
  const { entries } = await versionsList(engine, row, { ...listingOf(request), ...(versionMarker === undefined ? {} : { versionMarker }) })
  const records = entries.map((entry) => ('subdir' in entry ? { subdir: entry.subdir } : versionRecord(row, entry.row)))
  const headers = { ...headersOf(row, owner), 'content-type': 'application/json; charset=utf-8' }
  return containerShown(answer(200, { headers, body: JSON.stringify(records) }), row)
}

/** Nothing but JSON is there: who wants something else alone gets nothing. */
function takesJson({ query, headers }: SwiftRequest): boolean {
  const format = query.get('format')
  if (format !== null) return format.toLowerCase() === 'json'
  const accept = headers['accept']
  return (
    accept === undefined ||
    accept
      .split(',')
      .some((range) => /^\s*(?:application\/json|application\/\*|\*\/\*)\s*(?:;|$)/.test(range) && listingType(null, range) !== 'none')
  )
}

function versionRecord(container: ContainerRow, row: VersionRow & { is_latest: boolean }) {
  const record = { ...recordOf(row), version_id: idOf(container, row), is_latest: row.is_latest }
  return row.is_marker ? { ...record, content_type: markerType, bytes: 0, hash: emptyMd5 } : record
}

/** In a container that never kept versions everything is the version null. */
export const idOf = ({ versioning }: ContainerRow, row: VersionRow): string =>
  versioning === '' ? 'null' : row.is_null ? versionId(row) : timestampOf(row.version_us)

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e'
