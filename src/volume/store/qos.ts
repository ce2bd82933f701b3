// SQL of QoS specs.
import { page, type PageRequest } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface QosSpecsRow {
  id: string
  name: string
  consumer: string
  /** JSON object of text */
  specs: string
  created_at: string
}

const q = (db: Db) => db.as<VolumeTables>()

export const qosFetch = (db: Db, id: string) => q(db).selectFrom('volume_qos_specs').selectAll().where('id', '=', id).executeTakeFirst()
export const qosPage = (db: Db, request: PageRequest) => page(q(db).selectFrom('volume_qos_specs').selectAll(), request).execute()
export const qosInsert = (db: Db, row: QosSpecsRow) => q(db).insertInto('volume_qos_specs').values(row).execute()
export const qosUpdate = (db: Db, id: string, change: Partial<QosSpecsRow>) =>
  q(db).updateTable('volume_qos_specs').set(change).where('id', '=', id).execute()
export const qosDelete = (db: Db, id: string) => q(db).deleteFrom('volume_qos_specs').where('id', '=', id).execute()
