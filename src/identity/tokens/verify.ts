// A token's text → what it means now. Everything but who, where and until when is looked up: users, projects and
// domains that were disabled, epochs that moved, roles that were lost, delegations that ended. Null: not valid.
import type { Platform } from '../../platform/context.ts'
import type { Db } from '../../platform/store/store.ts'
import { globalRoles, impliedClosure, roleGraphCached, rolesOn, type RoleGraph, type Target } from '../effective-roles.ts'
import {
  accessTokens,
  applicationCredentials,
  accessRules,
  trusts,
  type AccessRuleRow,
  type AccessTokenRow,
  type ApplicationCredentialRow,
  type TrustRow,
} from '../store/delegation-tables.ts'
import { isEnabled } from '../inactivity.ts'
import { isRevoked } from '../store/revocations.ts'
import { trustAncestors } from '../store/trusts.ts'
import { projects, users, type ProjectRow, type RoleRow, type UserRow } from '../store/tables.ts'
import type { TokenPayload } from './payload.ts'

/** A token that holds, with the rows that it stands on. */
export interface TokenFacts {
  payload: TokenPayload
  user: UserRow
  userDomain: ProjectRow
  project: ProjectRow | null
  projectDomain: ProjectRow | null
  domain: ProjectRow | null
  roles: RoleRow[]
  applicationCredential: ApplicationCredentialRow | null
  /** null: not limited */
  accessRules: AccessRuleRow[] | null
  trust: TrustRow | null
  /** of OAuth1 */
  accessToken: AccessTokenRow | null
}

const enabled = (row: ProjectRow | undefined): ProjectRow | null => (row?.enabled ? row : null)

interface Reading {
  /** the one read before the rows */
  revision: number
  /** how long ago the token may have expired: long-running work of services shows older tokens */
  graceMs?: number
}

/** Checks a payload against the rows. */
export async function tokenFacts(
  platform: Platform,
  db: Db,
  payload: TokenPayload,
  { revision, graceMs = 0 }: Reading,
): Promise<TokenFacts | null> {
  const nowMs = platform.clock.nowMs() - graceMs
  if (payload.expiresAtMs <= nowMs || (await isRevoked(db, payload.auditIds))) return null
  const usable = (row: UserRow | undefined) => (row && isEnabled(row, platform) ? row : null)
  const user = usable(await users.fetch(db, payload.userId))
  if (!user || user.epoch !== payload.userEpoch) return null
  const userDomain = enabled(await projects.fetch(db, user.domain_id))
  if (!userDomain) return null
  const { scope } = payload
  const project = scope.kind === 'project' ? enabled(await projects.fetch(db, scope.id)) : null
  const domain = scope.kind === 'domain' ? enabled(await projects.fetch(db, scope.id)) : null
  if (scope.kind === 'project' && (!project || project.epoch !== payload.projectEpoch)) return null
  if (scope.kind === 'domain' && (!domain || !domain.is_domain || domain.epoch !== payload.projectEpoch)) return null
  const projectDomain = project && (await domainOf(db, project, userDomain))
  if (project && !projectDomain) return null
  const bare = {
    payload,
    user,
    userDomain,
    project,
    projectDomain,
    domain,
    roles: [] as RoleRow[],
    applicationCredential: null,
    accessRules: null,
    trust: null,
    accessToken: null,
  }
  if (scope.kind === 'unscoped') return bare
  const graph = await roleGraphCached(platform, db, revision)
  const target: Target = project ? { kind: 'project', project } : domain ? { kind: 'domain', id: domain.id } : { kind: 'system' }
  if (payload.trustId !== null) return trusted(db, { facts: bare, graph, target, nowMs, usable })
  const roles = await rolesOn(db, graph, user.id, target)
  if (payload.applicationCredentialId !== null) return byCredential(db, { facts: { ...bare, roles }, graph, target, nowMs })
  if (payload.accessTokenId !== null) return byAccessToken(db, { facts: { ...bare, roles }, graph, target, nowMs })
  return roles.length > 0 ? { ...bare, roles } : null
}

/** The project's domain while it is enabled; most often the user's own, which is at hand. */
async function domainOf(db: Db, project: ProjectRow, userDomain: ProjectRow): Promise<ProjectRow | null> {
  if (project.is_domain) return project
  return project.domain_id === userDomain.id ? userDomain : enabled(await projects.fetch(db, project.domain_id))
}

interface Delegated {
  /** who is enabled */
  usable?(row: UserRow | undefined): UserRow | null
  facts: TokenFacts
  graph: RoleGraph
  target: Target
  nowMs: number
}

const expired = (at: string | null, nowMs: number): boolean => at !== null && Date.parse(at) <= nowMs

/** The credential's roles, less what its user has lost since (attack-8). */
async function byCredential(db: Db, { facts, graph, nowMs }: Delegated): Promise<TokenFacts | null> {
  const row = await applicationCredentials.fetch(db, facts.payload.applicationCredentialId ?? '')
  if (!row || row.user_id !== facts.user.id || row.project_id !== facts.project?.id || expired(row.expires_at, nowMs)) return null
  const roles = delegatedRoles(graph, row.roles, facts.roles)
  if (roles.length === 0) return null
  const ruleIds = row.access_rules
  return { ...facts, roles, applicationCredential: row, accessRules: ruleIds && (await accessRules.many(db, ruleIds)) }
}

/** The roles that the user gave to the consumer, less what was lost since (attack-9). */
async function byAccessToken(db: Db, { facts, graph, nowMs }: Delegated): Promise<TokenFacts | null> {
  const row = await accessTokens.fetch(db, facts.payload.accessTokenId ?? '')
  if (!row || row.authorizing_user_id !== facts.user.id || row.project_id !== facts.project?.id || expired(row.expires_at, nowMs))
    return null
  const roles = delegatedRoles(graph, row.roles, facts.roles)
  return roles.length > 0 ? { ...facts, roles, accessToken: row } : null
}

/** The trust's roles, as long as the trustor has every one of them (attack-9). */
async function trusted(db: Db, { facts, graph, target, nowMs, usable }: Required<Delegated>): Promise<TokenFacts | null> {
  const trust = await trusts.fetch(db, facts.payload.trustId ?? '')
  if (!trust || trust.deleted_at !== null || expired(trust.expires_at, nowMs)) return null
  if (facts.user.id !== (trust.impersonation ? trust.trustor_user_id : trust.trustee_user_id)) return null
  if (trust.project_id !== (facts.project?.id ?? null)) return null
  const [trustor, trustee] = [usable(await users.fetch(db, trust.trustor_user_id)), usable(await users.fetch(db, trust.trustee_user_id))]
  if (!trustor || !trustee || !(await chainHolds(db, trust, { usable, nowMs }))) return null
  const held = await rolesOn(db, graph, trustor.id, target)
  const wanted = trust.roles
  if (!wanted.every((id) => held.some((role) => role.id === id))) return null
  const roles = delegatedRoles(graph, trust.roles, held)
  return roles.length > 0 ? { ...facts, roles, trust } : null
}

/** A trust that was passed on holds as long as every one above it does, and everybody in between is there. */
async function chainHolds(db: Db, trust: TrustRow, { usable, nowMs }: Pick<Required<Delegated>, 'usable' | 'nowMs'>): Promise<boolean> {
  for (const above of await trustAncestors(db, trust)) {
    if (above === null || above.deleted_at !== null || expired(above.expires_at, nowMs)) return false
    const people = await users.many(db, [above.trustor_user_id, above.trustee_user_id])
    if (![above.trustor_user_id, above.trustee_user_id].every((id) => people.some((user) => user.id === id && usable(user)))) return false
  }
  return true
}

function delegatedRoles(graph: RoleGraph, given: string[], held: RoleRow[]): RoleRow[] {
  const heldIds = new Set(held.map((role) => role.id))
  return globalRoles(
    graph,
    impliedClosure(
      graph,
      given.filter((id) => heldIds.has(id)),
    ),
  )
}
