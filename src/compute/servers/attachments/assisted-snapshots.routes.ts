// /os-assisted-volume-snapshots: for storage services and admins.
import { Type } from '../../../platform/api/type.ts'
import { badRequest } from '../../../platform/errors.ts'
import type { Operation } from '../../../platform/api/operation.ts'
import { assistedSnapshot } from './assisted-snapshots.ts'
import { novaResource } from '../../routes/resource.ts'
import { closed, queryOf } from '../../routes/schemas.ts'

const snapshots = novaResource({
  extension: 'os-assisted-volume-snapshots',
  key: 'name',
  one: 'an assisted snapshot',
  many: 'assisted snapshots',
})
const text = Type.String({ minLength: 1, maxLength: 4096 })
const query = { delete_info: Type.String({ maxLength: 65_536 }) }

/** {"volume_id": …} as JSON in the query. */
function volumeOf(deleteInfo: string | undefined): string {
  if (deleteInfo === undefined) throw badRequest("'delete_info'")
  let read: unknown
  try {
    read = JSON.parse(deleteInfo)
  } catch (error) {
    throw badRequest('delete_info is no JSON.', { cause: error })
  }
  const volumeId = (read as { volume_id?: unknown } | null)?.volume_id
  if (typeof volumeId !== 'string') throw badRequest("'volume_id'")
  return volumeId
}

const remove = (versions: [string | null, string | null], others: 'ignored' | 'refused') =>
  snapshots.delete({
    summary: 'Remove an assisted snapshot',
    versions,
    query: queryOf(query, others),
    async handler(ctx, name, request) {
      ctx.authorize()
      await assistedSnapshot(ctx, { volumeId: volumeOf(request.query.delete_info), name, remove: true })
    },
  })

export const assistedSnapshotOperations: Operation[] = [
  snapshots.create({
    summary: 'Take an assisted snapshot',
    body: Type.Object(
      {
        snapshot: Type.Object(
          {
            volume_id: text,
            create_info: Type.Object({ snapshot_id: text, type: Type.Literal('qcow2'), new_file: text, id: Type.Optional(text) }, closed),
          },
          closed,
        ),
      },
      closed,
    ),
    async handler(ctx, request) {
      const { volume_id: volumeId, create_info: info } = request.body.snapshot
      await assistedSnapshot(ctx, { volumeId, name: info.snapshot_id, remove: false })
      return { snapshot: { id: info.id ?? null, volumeId } }
    },
  }),
  remove([null, '2.74'], 'ignored'),
  remove(['2.75', null], 'refused'),
]
