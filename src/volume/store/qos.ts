// SQL of QoS specs.
import { rows } from '../../platform/store/rows.ts'
import { pagesOf } from './filters.ts'

export interface QosSpecsRow {
  id: string
  name: string
  consumer: string
  specs: Record<string, string>
  created_at: string
}

export const qosRows = rows<QosSpecsRow>('volume_qos_specs')
export const qosPage = pagesOf(qosRows)
