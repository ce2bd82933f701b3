// Whether a volume may be in a group. Apart from groups.ts, which makes volumes itself.
import { knowsProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { groupRows } from './store/groups.ts'

export const groupNotFound = (id: string) => notFound(`Group ${id} could not be found.`)

/** May a volume of this type be in that group? In the transaction that puts it there. */
export async function groupForVolume(tx: Context, id: string, volumeTypeId: string): Promise<void> {
  const row = await groupRows.fetch(tx.db, id)
  if (!row || !knowsProject(tx, row.project_id)) throw groupNotFound(id)
  if (!row.volume_types.includes(volumeTypeId))
    throw badRequest(`Invalid volume type: Volume type ${volumeTypeId} is not one of those of group ${id}.`)
}
