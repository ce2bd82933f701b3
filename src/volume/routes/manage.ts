// /os-volume-manage and /os-snapshot-manage, since 3.8 also /manageable_volumes and /manageable_snapshots; os-unmanage.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import type { DeclaredResource } from '../../platform/api/resource.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { RawQuery } from '../../platform/api/schema.ts'
import {
  manageableSnapshots,
  manageableVolumes,
  snapshotManage,
  snapshotUnmanage,
  volumeManage,
  volumeUnmanage,
  type Manageable,
} from '../manage.ts'
import { snapshotView } from '../views/snapshots.ts'
import { volumeDetailView } from '../views/volumes.ts'
import { volumeComplete } from '../volume-listing.ts'
import { description, flag, maybeMetadata, maybeText, name, optional, trimmed, uuid, without, wrapped } from './bodies.ts'
import { listQuery, one, readPage } from './list-query.ts'
import { manageable, snapshots, volumes } from './resources.ts'

const host = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._#@:/+]*$' })
const reference = Type.Unsafe<unknown>({ type: ['object', 'string'] })
const created = {
  description: optional(description),
  availability_zone: optional(maybeText),
  bootable: optional(flag),
  volume_type: optional(maybeText),
  name: optional(name),
  host: optional(host),
  ref: reference,
  metadata: optional(maybeMetadata),
  cluster: optional(maybeText),
}

/** One and only one of host and cluster; there are no clusters here. */
function hostFrom(
  ctx: Context,
  { host: named, cluster }: { host?: string | undefined; cluster?: string | null | undefined },
  since: string,
): string {
  const clusters = ctx.microversion.atLeast(since)
  const ofCluster = clusters && cluster ? cluster : undefined
  if ((named ? 1 : 0) + (ofCluster ? 1 : 0) !== 1)
    throw badRequest(`Invalid input received: ${clusters ? 'One and only one of cluster and host must be set.' : 'Host field is missing.'}`)
  if (!named) throw badRequest(`Cluster '${ofCluster}' not found`)
  return named
}

const create = (of: DeclaredResource, versions: [string, string | null], properties: typeof created) =>
  of.create({
    summary: 'Manage a file of the pool as a volume',
    versions,
    body: wrapped('volume', properties),
    async handler(ctx, { body }) {
      ctx.authorize()
      const { volume } = body
      const row = await volumeManage(ctx, {
        host: hostFrom(ctx, volume, '3.16'),
        reference: volume.ref,
        name: trimmed(volume.name) ?? null,
        description: trimmed(volume.description) ?? null,
        volumeType: volume.volume_type || null,
        availabilityZone: volume.availability_zone || null,
        metadata: volume.metadata ?? {},
        bootable: lenientBoolean(volume.bootable),
      })
      return { volume: volumeDetailView(ctx, await volumeComplete(ctx, row)) }
    },
  })

const createSnapshot = (of: DeclaredResource) =>
  of.create({
    summary: 'Manage a snapshot in a volume’s file',
    body: wrapped('snapshot', {
      description: optional(description),
      metadata: optional(maybeMetadata),
      name: optional(name),
      volume_id: uuid,
      ref: Type.Unsafe<unknown>({ type: ['object', 'null', 'string'] }),
    }),
    async handler(ctx, { body }) {
      const { snapshot } = body
      const row = await snapshotManage(ctx, {
        volumeId: snapshot.volume_id,
        reference: snapshot.ref,
        name: trimmed(snapshot.name) ?? null,
        description: trimmed(snapshot.description) ?? null,
        metadata: snapshot.metadata ?? {},
      })
      return { snapshot: snapshotView(ctx, row) }
    },
  })

/** A page of what is listed, by reference or by size; the marker is a reference. */
function pageOf(all: Manageable[], query: RawQuery): Manageable[] {
  const { limit, offset, marker, sorts } = readPage(query, { keys: ['reference', 'size'], defaultKey: 'reference' })
  const value = (each: Manageable, key: string) => (key === 'size' ? each.size : each.reference['source-name'])
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
  const sorted = all.toSorted(
    (a, b) =>
      sorts
        .map(({ key, direction }) => compare(value(a, key), value(b, key)) * (direction === 'asc' ? 1 : -1))
        .find((order) => order !== 0) ?? 0,
  )
  const start = marker === undefined ? 0 : sorted.findIndex((each) => each.reference['source-name'] === markerName(marker)) + 1
  if (marker !== undefined && start === 0) throw badRequest(`Invalid input received: marker not found: ${marker}`)
  return sorted.slice(start + offset, limit === undefined ? undefined : start + offset + limit)
}

function markerName(marker: string): unknown {
  try {
    return (JSON.parse(marker.replaceAll("'", '"')) as { 'source-name'?: unknown } | null)?.['source-name']
  } catch (error) {
    throw badRequest(`Invalid input received: marker ${marker} can not be analysed, please use json like format`, { cause: error })
  }
}

const lists = (of: DeclaredResource, key: string, list: typeof manageableVolumes, view: (each: Manageable) => object): Operation[] =>
  ['', '/detail'].map((path) =>
    of.beside(path, {
      query: listQuery,
      async handler(ctx, request) {
        ctx.authorize()
        const { query } = request
        const rows = pageOf(await list(ctx, hostFrom(ctx, { host: one(query, 'host'), cluster: one(query, 'cluster') }, '3.17')), query)
        return { [key]: path === '' ? rows.map(view) : rows }
      },
    }),
  )

const summary = ({ reference: named, size, safe_to_manage }: Manageable) => ({ reference: named, size, safe_to_manage })
const snapshotSummary = (each: Manageable) => ({ ...summary(each), source_reference: each.source_reference })
const clusterless = without(created, 'cluster')

function ofVolumes(path: string, since: string): Operation[] {
  const of = manageable('volume', path, since)
  return [
    create(of, [since, '3.15'], clusterless),
    create(of, ['3.16', null], created),
    ...lists(of, 'manageable-volumes', manageableVolumes, summary),
  ]
}

function ofSnapshots(path: string, since: string): Operation[] {
  const of = manageable('snapshot', path, since)
  return [createSnapshot(of), ...lists(of, 'manageable-snapshots', manageableSnapshots, snapshotSummary)]
}

export const manageOperations: Operation[] = [
  ...ofVolumes('/os-volume-manage', '3.0'),
  ...ofVolumes('/manageable_volumes', '3.8'),
  ...ofSnapshots('/os-snapshot-manage', '3.0'),
  ...ofSnapshots('/manageable_snapshots', '3.8'),
  volumes.action('os-unmanage', {
    summary: 'Let a volume go, and keep its file',
    policy: 'volume_extension:volume_unmanage',
    handler: (ctx, id) => volumeUnmanage(ctx, id),
  }),
  snapshots.action('os-unmanage', {
    summary: 'Let a snapshot go, and keep it in the file',
    policy: 'snapshot_extension:snapshot_unmanage',
    handler: (ctx, id) => snapshotUnmanage(ctx, id),
  }),
]
