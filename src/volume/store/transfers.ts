// SQL of volume transfers: a volume offered to whoever knows the key.
import { rows } from '../../platform/store/rows.ts'
import { pagesOf } from './filters.ts'

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

export const transferRows = rows<TransferRow>('volume_transfers')

export const transfersPage = pagesOf(transferRows)
