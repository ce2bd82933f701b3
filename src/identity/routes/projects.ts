// /projects and their tags.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { Reply } from '../../platform/api/operation.ts'
import { keystoneSwitch } from '../../platform/api/words.ts'
import { badRequest } from '../../platform/errors.ts'
import { baseUrl, filtered, pageOf } from '../links.ts'
import { ownDomainTarget, permit } from '../permission.ts'
import { projectParents, projectsList, projectSubtree } from '../project-lists.ts'
import { parentsAsIds, subtreeAsIds } from '../project-tree.ts'
import { permitNewProject, projectCreate, projectDelete, projectGet, projectUpdate, type ProjectBody } from '../projects.ts'
import { tagAdd, tagCheck, tagRemove, tagsFetch, tagsList, tagsOf, tagsSet } from '../project-tags.ts'
import { anyQuery, flag, idSchema, immutableOption, nullable, open, optional, shortNameSchema, text } from '../schemas.ts'
import { projectView } from '../views/projects.ts'
import { asked } from './asked.ts'

const tag = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' })
export const tagsSchema = Type.Array(tag, { maxItems: 80, uniqueItems: true })
const properties = {
  description: optional(nullable(text)),
  domain_id: optional(nullable(idSchema)),
  enabled: optional(flag),
  is_domain: optional(flag),
  parent_id: optional(nullable(idSchema)),
  name: shortNameSchema,
  tags: optional(tagsSchema),
  options: optional(immutableOption),
}
const filters = ['domain_id', 'enabled', 'name', 'parent_id', 'is_domain']

export const projectOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/projects',
    summary: 'List projects',
    policy: 'identity:list_projects',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const query = request.query as Record<string, string>
      permit(ctx, { target: ownDomainTarget(ctx) })
      const rows = await projectsList(ctx, query)
      const tags = await tagsOf(
        ctx,
        rows.map((row) => row.id),
      )
      const items = filtered(
        rows.map((row) => projectView(ctx, row, tags.get(row.id) ?? [])),
        query,
        filters,
      )
      return pageOf(ctx, request, { name: 'projects', items, known: rows })
    },
  }),
  operation({
    method: 'POST',
    path: '/projects',
    summary: 'Create a project',
    policy: 'identity:create_project',
    status: 201,
    body: open('project', properties),
    target: async (ctx, { body }) => permitNewProject(ctx, asked(body, 'project')),
    async handler(ctx, { body }) {
      const row = await projectCreate(ctx, body['project'] as ProjectBody)
      return { project: projectView(ctx, row, await tagsFetch(ctx, row.id)) }
    },
  }),
  operation({
    method: 'GET',
    path: '/projects/:project_id',
    summary: 'Show a project',
    policy: 'identity:get_project',
    status: 200,
    query: anyQuery,
    async handler(ctx, { params, query }) {
      const row = await projectGet(ctx, params['project_id'] ?? '')
      const wants = (name: string) => keystoneSwitch((query as Record<string, string | undefined>)[name])
      if (wants('parents_as_list') && wants('parents_as_ids')) {
        throw badRequest('Cannot use parents_as_list and parents_as_ids query params at the same time.')
      }
      if (wants('subtree_as_list') && wants('subtree_as_ids')) {
        throw badRequest('Cannot use subtree_as_list and subtree_as_ids query params at the same time.')
      }
      const shown = projectView(ctx, row, await tagsFetch(ctx, row.id))
      const wrapped = async (rows: Promise<(typeof row)[]>) => (await rows).map((each) => ({ project: projectView(ctx, each, []) }))
      return {
        project: {
          ...shown,
          ...(wants('parents_as_list') ? { parents: await wrapped(projectParents(ctx, row)) } : {}),
          ...(wants('parents_as_ids') ? { parents: await parentsAsIds(ctx, row) } : {}),
          ...(wants('subtree_as_list') ? { subtree: await wrapped(projectSubtree(ctx, row)) } : {}),
          ...(wants('subtree_as_ids') ? { subtree: await subtreeAsIds(ctx, row) } : {}),
        },
      }
    },
  }),
  operation({
    method: 'PATCH',
    path: '/projects/:project_id',
    summary: 'Update a project',
    policy: 'identity:update_project',
    status: 200,
    target: (ctx, { params }) => projectGet(ctx, params['project_id'] ?? ''),
    body: open('project', { ...properties, name: optional(shortNameSchema) }, { minProperties: 1 }),
    async handler(ctx, { params, body }) {
      const row = await projectUpdate(ctx, params['project_id'] ?? '', body['project'] as ProjectBody)
      return { project: projectView(ctx, row, await tagsFetch(ctx, row.id)) }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/projects/:project_id',
    summary: 'Delete a project',
    policy: 'identity:delete_project',
    status: 204,
    handler: (ctx, { params }) => projectDelete(ctx, params['project_id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/projects/:project_id/tags',
    summary: 'List the tags of a project',
    policy: 'identity:list_project_tags',
    status: 200,
    handler: async (ctx, { params, url }) => ({
      links: { self: ctx.config.publicUrl + url },
      tags: await tagsList(ctx, params['project_id'] ?? ''),
    }),
  }),
  operation({
    method: 'PUT',
    path: '/projects/:project_id/tags',
    summary: 'Replace the tags of a project',
    policy: 'identity:update_project_tags',
    status: 200,
    target: (ctx, { params }) => projectGet(ctx, params['project_id'] ?? ''),
    body: Type.Object({ tags: tagsSchema }),
    handler: async (ctx, { params, url, body }) => ({
      links: { self: ctx.config.publicUrl + url },
      tags: await tagsSet(ctx, params['project_id'] ?? '', body['tags'] as string[]),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/projects/:project_id/tags',
    summary: 'Remove all tags of a project',
    policy: 'identity:delete_project_tags',
    status: 204,
    handler: async (ctx, { params }) => void (await tagsSet(ctx, params['project_id'] ?? '', [])),
  }),
  operation({
    method: 'GET',
    path: '/projects/:project_id/tags/:value',
    summary: 'Check a tag of a project',
    policy: 'identity:get_project_tag',
    status: 204,
    handler: (ctx, { params }) => tagCheck(ctx, params['project_id'] ?? '', params['value'] ?? ''),
  }),
  operation({
    method: 'PUT',
    path: '/projects/:project_id/tags/:value',
    summary: 'Add a tag to a project',
    policy: 'identity:create_project_tag',
    status: 201,
    async handler(ctx, { params }) {
      const { project_id: id = '', value = '' } = params
      if (value.length > 255 || value.includes(',')) throw badRequest('A tag has at most 255 characters and no comma.')
      await tagAdd(ctx, id, value)
      return new Reply('', { headers: { location: `${baseUrl(ctx)}/projects/${id}/tags/${encodeURIComponent(value)}` } })
    },
  }),
  operation({
    method: 'DELETE',
    path: '/projects/:project_id/tags/:value',
    summary: 'Remove a tag of a project',
    policy: 'identity:delete_project_tag',
    status: 204,
    handler: (ctx, { params }) => tagRemove(ctx, params['project_id'] ?? '', params['value'] ?? ''),
  }),
]
