// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type CalledIn } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'

const tables: CalledIn[] = [
  { type: 'identity.project', table: 'identity_projects', name: 'name', project: null },
  { type: 'identity.user', table: 'identity_users', name: 'name', project: null },
  { type: 'identity.group', table: 'identity_groups', name: 'name', project: null },
  { type: 'identity.role', table: 'identity_roles', name: 'name', project: null },
]

export const resourcesCalled = (db: Db, word: string) => calledIn(db, tables, word)
