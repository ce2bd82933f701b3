// Rows of auto-allocated topologies: one for each project that asked for one.
import { rows } from '../../platform/store/rows.ts'
import type { NetworkTables } from '../store/tables.ts'

export const topologyRows = rows<NetworkTables['auto_allocated_topologies']>('auto_allocated_topologies', 'project_id')
