// Users, projects and domains as a login names them: by id, or by name within a domain. Not found is undefined:
// a login must not learn what exists.
import type { Db } from '../../platform/store/store.ts'
import { projects, users, type ProjectRow, type UserRow } from '../store/tables.ts'
import { expecting, type Reference } from './request.ts'

export const domainFind = (db: Db, { id, name }: { id?: string; name?: string }): Promise<ProjectRow | undefined> =>
  id !== undefined ? projects.first(db, { id, is_domain: true }) : projects.first(db, { domain_id: '', name: name ?? '' })

async function domainOf(db: Db, reference: Reference, what: string): Promise<ProjectRow | undefined> {
  const { domain } = reference
  if (!domain || (domain.id === undefined && domain.name === undefined)) throw expecting('domain', what)
  return domainFind(db, domain)
}

export async function userFind(db: Db, reference: Reference): Promise<UserRow | undefined> {
  if (reference.id !== undefined) return users.fetch(db, reference.id)
  const domain = await domainOf(db, reference, 'user')
  return domain && users.first(db, { domain_id: domain.id, name: reference.name ?? '' })
}

export async function projectFind(db: Db, reference: Reference): Promise<ProjectRow | undefined> {
  if (reference.id !== undefined) return projects.fetch(db, reference.id)
  const domain = await domainOf(db, reference, 'project')
  return domain && projects.first(db, { domain_id: domain.id, name: reference.name ?? '' })
}
