// The lists that both doors show: containers of an account, and of a container the objects, versions and open uploads.
import { containerRows } from '../store/containers.ts'
import { boundsOf, type NameRange } from '../store/name-range.ts'
import { objectRows } from '../store/objects.ts'
import type { ContainerRow, ObjectRow, UploadRow, VersionRow } from '../store/tables.ts'
import { uploadRows } from '../store/uploads.ts'
import { versionRows } from '../store/versions.ts'
import { compareBytes } from './byte-order.ts'
import type { Engine } from './engine.ts'
import { namesList, type Listed, type Listing } from './listing.ts'
import { there } from './current.ts'
import { rowFind } from './objects.ts'
import type { Version } from './version-id.ts'

type In = Pick<ContainerRow, 'id'>

export const containersList = ({ store }: Engine, account: string, listing: Listing): Promise<Listed<ContainerRow>> =>
  namesList(listing, (range) => containerRows.page(store, account, range))

/** Current objects; what has expired is not among them. Their `metadata` is empty unless it is asked for. */
export function objectsList(
  { store, platform }: Engine,
  { id: containerId }: In,
  listing: Listing & { metadata?: boolean | undefined },
): Promise<Listed<ObjectRow>> {
  const { metadata = false } = listing
  const nowUs = platform.clock.nowMs() * 1000
  return namesList(listing, (range) => objectRows.page(store, { containerId, nowUs, metadata, ...range }))
}

export interface ListedVersion extends VersionRow {
  is_latest: boolean
}

/**
 * Versions and markers: by name, and of each name the newest first; `reverse` turns both. `versionMarker` is the version of the marker's
 * name that the page comes after; without it the page begins at the next name.
 */
export async function versionsList(
  engine: Engine,
  container: In,
  { versionMarker, ...listing }: Listing & { versionMarker?: Version | undefined },
): Promise<Listed<ListedVersion>> {
  const { marker } = listing
  const begin =
    versionMarker === undefined || !marker ? undefined : await versionAt(engine, container, { name: marker, version: versionMarker })
  return namesList(listing, (range, last) => versionsRead(engine, container, { range, last }), begin)
}

interface At {
  name: string
  version_us: number
}

/** Where a version is among the others, or would be; a null that is not there would be the newest. */
async function versionAt({ store }: Engine, container: In, { name, version }: { name: string; version: Version }): Promise<At> {
  if (version !== 'null') return { name, version_us: version }
  return (await rowFind(store, container, name, version)) ?? { name, version_us: Number.MAX_SAFE_INTEGER }
}

/** The versions of the last one's name that come behind it, then those of the names behind it. */
async function versionsRead(
  { store, platform }: Engine,
  { id: containerId }: In,
  { range, last }: { range: NameRange; last: At | undefined },
): Promise<ListedVersion[]> {
  const { reverse } = range
  const nowUs = platform.clock.nowMs() * 1000
  const inOrder = (rows: ListedVersion[], limit: number) =>
    rows.toSorted((a, b) => (compareBytes(a.name, b.name) || b.version_us - a.version_us) * (reverse ? -1 : 1)).slice(0, limit)
  const current = last && there(await objectRows.find(store, containerId, last.name), nowUs)
  const rest: ListedVersion[] = []
  if (last) {
    const found = await versionRows.beside(store, { containerId, name: last.name, versionUs: last.version_us, limit: range.limit, reverse })
    const isBehind = current && (reverse ? current.version_us > last.version_us : current.version_us < last.version_us)
    rest.push(...inOrder([...found.map(notLatest), ...(isBehind ? [latest(current)] : [])], range.limit))
  }
  const limit = range.limit - rest.length
  const objects = limit > 0 ? await objectRows.page(store, { containerId, nowUs, metadata: true, ...range, limit }) : []
  const versions = limit > 0 ? await versionRows.page(store, containerId, { ...range, limit }) : []
  const rows = [...rest, ...inOrder([...objects.map(latest), ...versions.map(notLatest)], limit)]
  const shown = new Set([...objects, ...(current ? [current] : [])].map(({ name }) => name))
  const newerOf = (index: number): string | undefined => (reverse ? rows[index + 1]?.name : (rows[index - 1]?.name ?? last?.name))
  for (const [index, row] of rows.entries()) {
    if (!row.is_marker || shown.has(row.name) || newerOf(index) === row.name) continue
    // what comes next is not known here: there may be newer ones
    const isNewest =
      !reverse || index < rows.length - 1 || (await versionRows.newest(store, containerId, row.name))?.version_us === row.version_us
    row.is_latest = isNewest
  }
  return rows
}

const latest = (row: ObjectRow): ListedVersion => ({ ...row, is_marker: false, is_latest: true })

const notLatest = (row: VersionRow): ListedVersion => ({ ...row, is_latest: false })

/** By name, and of each name by id; `idMarker` is the upload of the marker's name that the page comes after. */
export function uploadsList(
  { store }: Engine,
  { id: containerId }: In,
  { idMarker, ...listing }: Listing & { idMarker?: string | undefined },
): Promise<Listed<UploadRow>> {
  const { marker } = listing
  return namesList(
    { ...listing, reverse: false },
    uploadsOf,
    idMarker === undefined || !marker ? undefined : { id: idMarker, name: marker },
  )

  async function uploadsOf(range: NameRange, last: { id: string; name: string } | undefined): Promise<UploadRow[]> {
    const rest = last ? await uploadRows.later(store, containerId, last.name, { id: last.id, limit: range.limit }) : []
    if (rest.length === range.limit) return rest
    return [...rest, ...(await uploadRows.page(store, { containerId, ...boundsOf(range), limit: range.limit - rest.length }))]
  }
}
