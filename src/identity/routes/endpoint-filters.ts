// /OS-EP-FILTER: groups of endpoints, and which projects see which endpoints.
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  endpointGroupCreate,
  endpointGroupDelete,
  endpointGroupGet,
  endpointGroupProperties,
  endpointGroupsList,
  endpointGroupUpdate,
  endpointsOfGroup,
  endpointsOfProject,
  groupSelected,
  groupsOfProject,
  projectsOfEndpoint,
  projectsOfGroup,
  selectionAdd,
  selectionCheck,
  selectionRemove,
  type Selected,
} from '../endpoint-filters.ts'
import { listOf } from '../links.ts'
import { endpointGroupView, endpointView } from '../views/catalog.ts'
import { projectView } from '../views/projects.ts'
import { each, operationsOf } from './resource.ts'

const base = '/OS-EP-FILTER'
const one = `${base}/endpoint_groups/:endpoint_group_id`
const groupId = (params: Record<string, string>): string => params['endpoint_group_id'] ?? ''

/** PUT, GET and DELETE of a selection at one path. */
const selection = (path: string, kind: Selected['kind'], rules: { add: string; check: string; remove: string }): Operation[] => {
  const what = kind === 'endpoint' ? 'an endpoint' : 'an endpoint group'
  const of = (params: Record<string, string>): [string, Selected] => [
    params['project_id'] ?? '',
    { kind, id: params[kind === 'endpoint' ? 'endpoint_id' : 'endpoint_group_id'] ?? '' },
  ]
  return [
    operation({
      method: 'PUT',
      path,
      summary: `Let a project see ${what}`,
      policy: `identity:${rules.add}`,
      status: 204,
      handler: (ctx, { params }) => selectionAdd(ctx, ...of(params)),
    }),
    operation({
      method: 'GET',
      path,
      summary: `Check that a project sees ${what}`,
      policy: `identity:${rules.check}`,
      status: kind === 'endpoint' ? 204 : 200,
      async handler(ctx, { params }) {
        const [projectId, selected] = of(params)
        if (kind === 'endpoint') return selectionCheck(ctx, projectId, selected)
        return { endpoint_group: endpointGroupView(ctx, await groupSelected(ctx, projectId, selected.id)) }
      },
    }),
    operation({
      method: 'DELETE',
      path,
      summary: `Let a project no longer see ${what}`,
      policy: `identity:${rules.remove}`,
      status: 204,
      handler: (ctx, { params }) => selectionRemove(ctx, ...of(params)),
    }),
  ]
}

export const endpointFilterOperations: Operation[] = [
  ...operationsOf({
    name: 'endpoint_group',
    plural: 'endpoint_groups',
    noun: 'an endpoint group',
    path: `${base}/endpoint_groups`,
    properties: endpointGroupProperties,
    shown: each(endpointGroupView),
    filters: ['name'],
    list: endpointGroupsList,
    create: endpointGroupCreate,
    get: endpointGroupGet,
    update: endpointGroupUpdate,
    delete: endpointGroupDelete,
  }),
  operation({
    method: 'GET',
    path: `${one}/endpoints`,
    summary: 'List the endpoints of a group',
    policy: 'identity:list_endpoints_associated_with_endpoint_group',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'endpoints',
        (await endpointsOfGroup(ctx, groupId(request.params))).map((row) => endpointView(ctx, row)),
      ),
  }),
  operation({
    method: 'GET',
    path: `${one}/projects`,
    summary: 'List the projects of a group',
    policy: 'identity:list_projects_associated_with_endpoint_group',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'projects',
        (await projectsOfGroup(ctx, groupId(request.params))).map((row) => projectView(ctx, row, [])),
      ),
  }),
  ...selection(`${one}/projects/:project_id`, 'group', {
    add: 'add_endpoint_group_to_project',
    check: 'get_endpoint_group_in_project',
    remove: 'remove_endpoint_group_from_project',
  }),
  ...selection(`${base}/projects/:project_id/endpoints/:endpoint_id`, 'endpoint', {
    add: 'add_endpoint_to_project',
    check: 'check_endpoint_in_project',
    remove: 'remove_endpoint_from_project',
  }),
  operation({
    method: 'GET',
    path: `${base}/projects/:project_id/endpoints`,
    summary: 'List the endpoints of a project',
    policy: 'identity:list_endpoints_for_project',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'endpoints',
        (await endpointsOfProject(ctx, request.params['project_id'] ?? '')).map((row) => endpointView(ctx, row)),
      ),
  }),
  operation({
    method: 'GET',
    path: `${base}/projects/:project_id/endpoint_groups`,
    summary: 'List the endpoint groups of a project',
    status: 200,
    policy: 'identity:list_endpoint_groups_for_project',
    async handler(ctx, request) {
      const rows = await groupsOfProject(ctx, request.params['project_id'] ?? '')
      return listOf(
        ctx,
        request,
        'endpoint_groups',
        rows.map((row) => endpointGroupView(ctx, row)),
      )
    },
  }),
  operation({
    method: 'GET',
    path: `${base}/endpoints/:endpoint_id/projects`,
    summary: 'List the projects of an endpoint',
    policy: 'identity:list_projects_for_endpoint',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'projects',
        (await projectsOfEndpoint(ctx, request.params['endpoint_id'] ?? '')).map((row) => projectView(ctx, row, [])),
      ),
  }),
]
