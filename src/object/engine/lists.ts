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
 * Versions and markers: by name, and of each name the current one first and the others by age. `versionMarker` is the version of the
 * marker's name that the page comes after; without it the page begins at the next name.
 */
export async function versionsList(
  { store, platform }: Engine,
  container: In,
  { versionMarker, ...listing }: Listing & { versionMarker?: Version | undefined },
): Promise<Listed<ListedVersion>> {
  const of = { containerId: container.id, nowUs: platform.clock.nowMs() * 1000, metadata: true }
  const { marker } = listing
  const begin = versionMarker === undefined || !marker ? undefined : await rowFind(store, container, marker, versionMarker)
  const current = begin && (await objectRows.find(store, of.containerId, begin.name))
  return namesList({ ...listing, reverse: false }, versionsOf, begin && { ...begin, is_latest: current?.version_us === begin.version_us })

  async function versionsOf(range: NameRange, last: ListedVersion | undefined): Promise<ListedVersion[]> {
    const rest = last ? await versionRows.older(store, of.containerId, last.name, { versionUs: beforeOf(last), limit: range.limit }) : []
    const found = rest.map((row) => ({ ...row, is_latest: false }))
    if (found.length === range.limit) return found
    const bounds = boundsOf(range)
    const limit = range.limit - found.length
    const objects = await objectRows.page(store, { ...of, ...bounds, reverse: false, limit })
    const versions = await versionRows.page(store, { containerId: of.containerId, ...bounds, limit })
    return [...found, ...merged(objects, versions).slice(0, limit)]
  }
}

/** Behind the current one all others come, also a newer one that it was restored over. */
const beforeOf = ({ is_latest, version_us }: ListedVersion): number => (is_latest ? Number.MAX_SAFE_INTEGER : version_us)

function merged(objects: ObjectRow[], versions: VersionRow[]): ListedVersion[] {
  const found: ListedVersion[] = []
  let at = 0
  for (const version of versions) {
    for (let object = objects[at]; object && compareBytes(object.name, version.name) <= 0; object = objects[++at])
      found.push({ ...object, is_marker: false, is_latest: true })
    found.push({ ...version, is_latest: found.at(-1)?.name !== version.name })
  }
  for (const object of objects.slice(at)) found.push({ ...object, is_marker: false, is_latest: true })
  return found
}

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
    idMarker === undefined || !marker ? undefined : ({ id: idMarker, name: marker } as UploadRow),
  )

  async function uploadsOf(range: NameRange, last: UploadRow | undefined): Promise<UploadRow[]> {
    const rest = last ? await uploadRows.later(store, containerId, last.name, { id: last.id, limit: range.limit }) : []
    if (rest.length === range.limit) return rest
    return [...rest, ...(await uploadRows.page(store, { containerId, ...boundsOf(range), limit: range.limit - rest.length }))]
  }
}
