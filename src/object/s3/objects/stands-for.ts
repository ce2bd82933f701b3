// Rows that Swift made and that stand for other objects: links, and manifests of either kind. This door shows what they stand for, and asks
// for permission at each object whose bytes it shows, since whoever may read a manifest need not be let at its segments.
import { Readable } from 'node:stream'
import { bodyOpen, containerFind, objectFind, objectsList } from '../../engine/index.ts'
import type { ContainerRow, ObjectRow, VersionRow } from '../../store/tables.ts'
import { accountKey, accountName } from '../../swift/account-key.ts'
import { dloEtag, manifestPlace } from '../../swift/dlo/manifest.ts'
import { keptTarget } from '../../swift/symlink/target.ts'
import { S3Error } from '../errors.ts'
import type { Bucket, S3Call } from '../operation.ts'
import { mayDo, permit } from '../permit.ts'

const hopsAtMost = 2
const piecesAtMost = 10_000
const pageRows = 1_000

export interface Meaning {
  bucket: Bucket
  /** as it is shown: of a manifest with the size and the ETag of all that it names now */
  object: VersionRow
  /** what a manifest by prefix names */
  pieces?: { container: ContainerRow; rows: ObjectRow[] }
}

/** What the row stands for; most stand for themselves. */
export async function meaningOf(call: S3Call, start: Bucket, row: VersionRow): Promise<Meaning> {
  let [bucket, object] = [start, row]
  for (let hops = 0; object.kind === 'symlink'; hops++) {
    if (hops === hopsAtMost) throw new S3Error('InvalidObjectState', 'Too many links follow each other.')
    const target = keptTarget(object.system, accountName(bucket.account))
    const account = accountKey(target.account)
    const container = await containerFind(call.engine, account, target.container)
    const found = container && (await objectFind(call.engine, container, target.object))
    if (!container || !found || (target.etag !== null && target.etag !== found.etag)) throw new S3Error('NoSuchKey')
    bucket = { account, name: container.name, container, isOwn: account === call.account }
    object = found
    await permit(call, { action: 's3:GetObject', bucket, key: object.name, object })
  }
  const manifest = object.system['x-object-manifest']
  return typeof manifest === 'string' ? manifestMeaning(call, bucket, { object, manifest }) : { bucket, object }
}

async function manifestMeaning(call: S3Call, bucket: Bucket, of: { object: VersionRow; manifest: string }): Promise<Meaning> {
  const place = manifestPlace(of.manifest)
  const container = place && (await containerFind(call.engine, bucket.account, place.container))
  if (!place || !container) throw new S3Error('NoSuchKey')
  const within: Bucket = { ...bucket, name: container.name, container }
  await permit(call, { action: 's3:ListBucket', bucket: within, key: '' })
  const rows: ObjectRow[] = []
  for (let marker: string | undefined; ;) {
    const page = await objectsList(call.engine, container, {
      prefix: place.prefix,
      limit: pageRows,
      ...(marker !== undefined && { marker }),
    })
    for (const entry of page.entries) if ('row' in entry) rows.push(entry.row)
    if (!page.truncated) break
    if (rows.length >= piecesAtMost) throw new S3Error('NotImplemented', 'The manifest names more objects than this door puts together.')
    marker = page.last
  }
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  return { bucket, object: { ...of.object, bytes, etag: dloEtag(rows.map(({ etag }) => etag)), kind: 'dlo' }, pieces: { container, rows } }
}

export interface Range {
  start: number
  /** exclusive */
  end: number
}

/** Its bytes, which take permission to each object that they are of. */
export async function meaningOpen(call: S3Call, { bucket, object, pieces }: Meaning, { start, end }: Range): Promise<Readable> {
  const { engine, customerKey } = call
  const mayRead = (container: ContainerRow, segment: ObjectRow): Promise<boolean> =>
    mayDo(call, {
      action: 's3:GetObject',
      bucket: { ...bucket, name: container.name, container },
      key: segment.name,
      object: { ...segment, is_marker: false },
    })
  const open = (row: ObjectRow, range: Range) => bodyOpen(engine, row, { ...range, ...(customerKey && { customerKey }) }, { mayRead })
  if (!pieces) return open(object, { start, end })
  return Readable.from(piecesRead(), { objectMode: false })

  async function* piecesRead(): AsyncGenerator<Buffer> {
    let at = 0
    for (const row of pieces?.rows ?? []) {
      const [from, to] = [Math.max(start, at), Math.min(end, at + row.bytes)]
      if (from < to) {
        if (pieces && !(await mayRead(pieces.container, row))) throw new S3Error('AccessDenied')
        yield* (await open(row, { start: from - at, end: to - at })) as AsyncIterable<Buffer>
      }
      at += row.bytes
    }
  }
}
