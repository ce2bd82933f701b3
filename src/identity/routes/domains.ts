// /domains.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { domainCreate, domainDelete, domainFor, domainGet, domainsList, domainUpdate } from '../domains.ts'
import { filtered, pageOf } from '../links.ts'
import type { ProjectBody } from '../projects.ts'
import { tagsFetch, tagsOf } from '../project-tags.ts'
import { anyQuery, flag, idSchema, immutableOption, nullable, open, optional, shortNameSchema, text } from '../schemas.ts'
import { domainView } from '../views/projects.ts'
import { tagsSchema } from './projects.ts'

const properties = {
  description: optional(nullable(text)),
  enabled: optional(flag),
  name: shortNameSchema,
  tags: optional(tagsSchema),
  options: optional(immutableOption),
  explicit_domain_id: optional(idSchema),
}

export const domainOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/domains',
    summary: 'List domains',
    policy: 'identity:list_domains',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await domainsList(ctx)
      const tags = await tagsOf(
        ctx,
        rows.map((row) => row.id),
      )
      const shown = rows.map((row) => domainView(ctx, row, tags.get(row.id) ?? []))
      return pageOf(ctx, request, { name: 'domains', items: filtered(shown, request.query, ['name', 'enabled']), known: rows })
    },
  }),
  operation({
    method: 'POST',
    path: '/domains',
    summary: 'Create a domain',
    policy: 'identity:create_domain',
    status: 201,
    body: open('domain', properties),
    async handler(ctx, { body }) {
      const row = await domainCreate(ctx, body['domain'] as ProjectBody & { explicit_domain_id?: string })
      return { domain: domainView(ctx, row, await tagsFetch(ctx, row.id)) }
    },
  }),
  operation({
    method: 'GET',
    path: '/domains/:domain_id',
    summary: 'Show a domain',
    policy: 'identity:get_domain',
    status: 200,
    async handler(ctx, { params }) {
      const row = await domainGet(ctx, params['domain_id'] ?? '')
      return { domain: domainView(ctx, row, await tagsFetch(ctx, row.id)) }
    },
  }),
  operation({
    method: 'PATCH',
    path: '/domains/:domain_id',
    summary: 'Update a domain',
    policy: 'identity:update_domain',
    status: 200,
    target: (ctx, { params }) => domainFor(ctx, params['domain_id'] ?? ''),
    body: open('domain', { ...properties, name: optional(shortNameSchema) }, { minProperties: 1 }),
    async handler(ctx, { params, body }) {
      const row = await domainUpdate(ctx, params['domain_id'] ?? '', body['domain'] as ProjectBody)
      return { domain: domainView(ctx, row, await tagsFetch(ctx, row.id)) }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/domains/:domain_id',
    summary: 'Delete a domain',
    policy: 'identity:delete_domain',
    status: 204,
    handler: (ctx, { params }) => domainDelete(ctx, params['domain_id'] ?? ''),
  }),
]
