// The face of the identity domain: the only file of it that others import.
import type { Authenticate } from '../platform/api/dispatch.ts'
import type { Domain } from '../platform/api/operation.ts'
import type { Context } from '../platform/context.ts'

export interface ProjectFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

export interface UserFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

export interface IdentityBootstrap {
  adminPassword: string
  demoPassword: string
  /** what the catalog shows; the URL is the cloud's public one followed by the path */
  services: { type: string; name: string; path: string; description?: string }[]
}

export interface IdentityBootstrapped {
  adminProjectId: string
  adminUserId: string
  demoProjectId: string
  demoUserId: string
}

/** The value of X-Auth-Token → who asks; null when it is not valid, has expired or was revoked. */
export const authenticate: Authenticate = async () => {
  throw new Error('not yet')
}

/** Makes what a cloud needs to log in: domain, roles, admin and demo, region, services, endpoints. Safe at every start. */
export async function identityBootstrap(_ctx: Context, _wanted: IdentityBootstrap): Promise<IdentityBootstrapped> {
  throw new Error('not yet')
}

/** A project by id, for domains that need its name or whether it exists; no permission is asked. */
export async function projectFetch(_ctx: Context, _id: string): Promise<ProjectFacts | null> {
  throw new Error('not yet')
}

/** A user by id; no permission is asked. */
export async function userFetch(_ctx: Context, _id: string): Promise<UserFacts | null> {
  throw new Error('not yet')
}

export const domain: Domain = { name: 'identity', migrations: {}, policy: {}, services: [], work: [] }
