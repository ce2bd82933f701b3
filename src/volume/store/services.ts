// SQL of volume services: one per machine, with what its pool holds; and whether an operator switched it off.
import type { UpdateResult } from 'kysely'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface VolumeServiceRow {
  id: string
  host: string
  disabled: boolean
  disabled_reason: string | null
  frozen: boolean
  /** null: the machine has not said yet */
  total_gib: number | null
  free_gib: number | null
  /** its last heartbeat that was written */
  updated_at: string
}

export const serviceRows = rows<VolumeServiceRow>('volume_services', 'host')

const seen = statement<VolumeTables, { hosts: string; at: string }, UpdateResult>((from, { hosts, at }, db) =>
  from
    .updateTable('volume_services')
    .set({ updated_at: at })
    .where(inList(db, 'host', hosts)),
)
/** Stamps machines whose pools did not change. */
export const servicesTouch = (db: Db, hosts: string[], at: string) => seen.change(db, { hosts: idList(hosts), at })
