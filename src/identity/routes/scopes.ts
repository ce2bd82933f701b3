// What the bearer of a token could be: /auth/projects, /auth/domains, /auth/system, /auth/catalog.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { forbidden } from '../../platform/errors.ts'
import { domainsOfUser, projectsOfUser, systemOfUser } from '../available-scopes.ts'
import { catalogFor } from '../catalog.ts'
import { baseUrl } from '../links.ts'
import { permit } from '../permission.ts'
import { revisionNow } from '../revision.ts'
import { domainsShown, projectsShown } from '../views/projects.ts'
import { listing } from './resource.ts'

export const scopeOperations: Operation[] = [
  listing('/auth/projects', 'projects', {
    summary: 'List the projects to log in to',
    policy: 'identity:get_auth_projects',
    rows: async (ctx) => {
      permit(ctx)
      return (await projectsOfUser(ctx, ctx.actor.userId)).filter((row) => row.enabled && !row.is_domain)
    },
    shown: projectsShown,
  }),
  listing('/auth/domains', 'domains', {
    summary: 'List the domains to log in to',
    policy: 'identity:get_auth_domains',
    rows: async (ctx) => {
      permit(ctx)
      return (await domainsOfUser(ctx, ctx.actor.userId)).filter((row) => row.enabled)
    },
    shown: domainsShown,
  }),
  operation({
    method: 'GET',
    path: '/auth/system',
    summary: 'Whether the system is there to log in to',
    policy: 'identity:get_auth_system',
    status: 200,
    async handler(ctx) {
      permit(ctx)
      return { system: (await systemOfUser(ctx, ctx.actor.userId)) ? [{ all: true }] : [], links: { self: `${baseUrl(ctx)}/auth/system` } }
    },
  }),
  operation({
    method: 'GET',
    path: '/auth/catalog',
    summary: 'Show the catalog',
    policy: 'identity:get_auth_catalog',
    status: 200,
    async handler(ctx) {
      permit(ctx)
      if (ctx.actor.projectId === null) throw forbidden('A project-scoped token is required to produce a service catalog.')
      const revision = await revisionNow(ctx.platform)
      const catalog = await catalogFor(ctx.platform, ctx.db, { projectId: ctx.actor.projectId, userId: ctx.actor.userId }, revision)
      return { catalog, links: { self: `${baseUrl(ctx)}/auth/catalog` } }
    },
  }),
]
