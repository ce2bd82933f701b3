// /projects and their tags.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { keystoneSwitch } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { baseUrl, type Query, type Shown } from '../links.ts'
import { projectParents, projectsList, projectSubtree } from '../project-lists.ts'
import { parentsAsIds, subtreeAsIds } from '../project-tree.ts'
import { permitNewProject, projectCreate, projectDelete, projectGet, projectProperties, projectUpdate } from '../projects.ts'
import { tagAdd, tagCheck, tagRemove, tagsList, tagsSet } from '../project-tags.ts'
import { tagsSchema } from '../schemas.ts'
import type { ProjectRow } from '../store/tables.ts'
import { projectsShown, projectView } from '../views/projects.ts'
import { operationsOf } from './resource.ts'

/** The relatives that a query asks for beside a project. */
async function relatives(ctx: Context, row: ProjectRow, query: Query): Promise<Shown> {
  const wants = (name: string) => keystoneSwitch(query[name])
  if (wants('parents_as_list') && wants('parents_as_ids')) {
    throw badRequest('Cannot use parents_as_list and parents_as_ids query params at the same time.')
  }
  if (wants('subtree_as_list') && wants('subtree_as_ids')) {
    throw badRequest('Cannot use subtree_as_list and subtree_as_ids query params at the same time.')
  }
  const wrapped = async (rows: Promise<ProjectRow[]>) => (await rows).map((each) => ({ project: projectView(ctx, each, []) }))
  return {
    ...(wants('parents_as_list') ? { parents: await wrapped(projectParents(ctx, row)) } : {}),
    ...(wants('parents_as_ids') ? { parents: await parentsAsIds(ctx, row) } : {}),
    ...(wants('subtree_as_list') ? { subtree: await wrapped(projectSubtree(ctx, row)) } : {}),
    ...(wants('subtree_as_ids') ? { subtree: await subtreeAsIds(ctx, row) } : {}),
  }
}

export const projectOperations: Operation[] = [
  ...operationsOf({
    name: 'project',
    plural: 'projects',
    noun: 'a project',
    path: '/projects',
    properties: projectProperties,
    shown: projectsShown,
    filters: ['domain_id', 'enabled', 'name', 'parent_id', 'is_domain'],
    list: projectsList,
    create: projectCreate,
    permitNew: permitNewProject,
    get: projectGet,
    beside: relatives,
    update: projectUpdate,
    delete: projectDelete,
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
      tags: await tagsSet(ctx, params['project_id'] ?? '', body.tags),
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
