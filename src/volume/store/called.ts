// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type CalledIn } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'

const tables: CalledIn[] = [
  { type: 'volume', table: 'volumes', name: 'name', project: 'project_id' },
  { type: 'snapshot', table: 'volume_snapshots', name: 'name', project: 'project_id' },
  { type: 'volume_type', table: 'volume_types', name: 'name', project: null },
  { type: 'volume_group', table: 'volume_groups', name: 'name', project: 'project_id' },
]

export const resourcesCalled = (db: Db, word: string) => calledIn(db, tables, word)
