// SQL of QoS specs.
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface QosSpecsRow {
  id: string
  name: string
  consumer: string
  specs: Record<string, string>
  created_at: string
}

const q = (db: Db) => db.as<VolumeTables>()

export const qosRows = rows<QosSpecsRow>('volume_qos_specs')
export const qosPage = (db: Db, request: PageRequest) => page(q(db).selectFrom('volume_qos_specs').selectAll(), request).execute()
