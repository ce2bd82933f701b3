// Versions at a container: X-Versions-Enabled, and Swift's two older ways, X-Versions-Location (a stack) and X-History-Location, which
// keep old objects in a container of one's own. One container has one of the three.
import { containerUpdate } from '../../engine/index.ts'
import type { ContainerRow } from '../../store/tables.ts'
import { isSuccess, type SwiftAnswer } from '../answer.ts'
import { isTrue } from '../query.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'

const stack = 'x-versions-location'
const history = 'x-history-location'
const removals = ['x-remove-versions-location', 'x-remove-history-location']

/** PUT and POST. */
export async function containerChanged(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  const { headers, engine, by, accountKey: account, container } = request
  const row = await request.containerRow()
  const location = locationOf(headers)
  const enabled = headers['x-versions-enabled']
  checkOne(row, { location, enabled, syncTo: headers['x-container-sync-to'] })
  const made = await next(location === null ? request : request.withHeaders(locationHeaders(location)))
  if (enabled === undefined || !isSuccess(made)) return made
  await containerUpdate(engine, { by, account, name: container ?? '', versioning: isTrue(enabled) ? 'enabled' : 'suspended' })
  request.forgetRows()
  return made
}

interface Location {
  mode: typeof stack | typeof history | null
  container: string
}

/** What the headers say of an archive: null nothing, mode null that there is none any more. */
function locationOf(headers: SwiftRequest['headers']): Location | null {
  const wanted = ([stack, history] as const).filter((name) => headers[name] !== undefined)
  const set = wanted.filter((name) => headers[name] !== '')
  if (set.length > 1) throw new SwiftRefusal(400, `Only one of ${stack} or ${history} may be specified`)
  const [mode] = set
  if (mode) {
    const container = headers[mode] ?? ''
    if (container.includes('/')) throw new SwiftRefusal(412, 'Container name cannot contain slashes')
    return { mode, container }
  }
  const isRemoved = wanted.length > 0 || removals.some((name) => (headers[name] ?? '') !== '')
  return isRemoved ? { mode: null, container: '' } : null
}

/** One of the two holds the archive's name, the other is taken away. */
const locationHeaders = ({ mode, container }: Location): Record<string, string | undefined> => ({
  ...Object.fromEntries(removals.map((name) => [name, undefined])),
  [stack]: mode === stack ? container : '',
  [history]: mode === history ? container : '',
})

const isArchived = (row: ContainerRow | undefined): boolean => [stack, history].some((name) => (row?.metadata[name] ?? '') !== '')

function checkOne(
  row: ContainerRow | undefined,
  wanted: { location: Location | null; enabled: string | undefined; syncTo: string | undefined },
): void {
  const { location, enabled, syncTo } = wanted
  const willArchive = location ? location.mode !== null : isArchived(row)
  if (enabled !== undefined && willArchive)
    throw new SwiftRefusal(400, 'Cannot enable object versioning on a container that is already using the legacy versioned writes feature.')
  if (location?.mode && row?.versioning)
    throw new SwiftRefusal(400, 'Cannot keep older versions in another container: this one keeps them itself.')
  if (enabled !== undefined && (syncTo ?? row?.metadata['x-container-sync-to'] ?? '') !== '')
    throw new SwiftRefusal(400, 'Cannot enable object versioning on a container configured as source of container syncing.')
  if ((syncTo ?? '') !== '' && row?.versioning)
    throw new SwiftRefusal(400, 'Cannot configure container sync on a container with object versioning configured.')
}

/** What GET and HEAD say of it: versions count among the bytes. */
export function containerShown(made: SwiftAnswer, row: ContainerRow | undefined): SwiftAnswer {
  if (!row?.versioning || !isSuccess(made)) return made
  made.headers['x-versions-enabled'] = row.versioning === 'enabled' ? 'True' : 'False'
  made.headers['x-container-bytes-used'] = String(row.bytes_used + row.version_bytes)
  return made
}
