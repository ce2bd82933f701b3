// SQL of volume transfers: a volume offered to whoever knows the key.
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface TransferRow {
  id: string
  name: string | null
  volume_id: string
  salt: string
  /** HMAC of the key; the key itself is shown once */
  auth_hash: string
  source_project_id: string
  destination_project_id: string | null
  accepted: boolean
  no_snapshots: boolean
  created_at: string
}

const q = (db: Db) => db.as<VolumeTables>()

export const transferRows = rows<TransferRow>('volume_transfers')

/** A transfer that was accepted is over: it is not listed. */
export function transfersPage(db: Db, projectId: string | undefined, request: PageRequest): Promise<TransferRow[]> {
  let query = q(db).selectFrom('volume_transfers').selectAll()
  if (projectId !== undefined) query = query.where('source_project_id', '=', projectId)
  return page(query, request).execute()
}
