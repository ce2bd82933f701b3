// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type CalledIn } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'

const tables: CalledIn[] = [
  { type: 'server', table: 'servers', name: 'name', project: 'project_id', by: ['access_ip_v4', 'access_ip_v6'], gone: 'deleted' },
  { type: 'flavor', table: 'flavors', name: 'name', project: null },
  { type: 'keypair', table: 'keypairs', name: 'name', project: null },
  { type: 'server_group', table: 'server_groups', name: 'name', project: 'project_id' },
  { type: 'aggregate', table: 'aggregates', id: 'uuid', name: 'name', project: null },
  { type: 'node', table: 'compute_nodes', name: 'hostname', project: null, by: ['host'] },
]

export const resourcesCalled = (db: Db, word: string) => calledIn(db, tables, word)
