// SQL that voids all tokens of a domain: of its users, and of tokens that are scoped to one of its projects.
import type { Db } from '../../platform/store/store.ts'
import type { ProjectRow, UserRow } from './tables.ts'

interface Tables {
  identity_users: UserRow
  identity_projects: ProjectRow
}
const q = (db: Db) => db.as<Tables>()

export async function epochsMove(db: Db, domainId: string): Promise<void> {
  await q(db)
    .updateTable('identity_users')
    .set((e) => ({ epoch: e('epoch', '+', 1) }))
    .where('domain_id', '=', domainId)
    .execute()
  await q(db)
    .updateTable('identity_projects')
    .set((e) => ({ epoch: e('epoch', '+', 1) }))
    .where('domain_id', '=', domainId)
    .execute()
}
