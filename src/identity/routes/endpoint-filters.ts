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
import { endpointGroupView, endpointView } from '../views/catalog.ts'
import { bareProjectView } from '../views/projects.ts'
import { each, listing, operationsOf } from './resource.ts'

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
  listing(`${one}/endpoints`, 'endpoints', {
    summary: 'List the endpoints of a group',
    policy: 'identity:list_endpoints_associated_with_endpoint_group',
    rows: (ctx, params) => endpointsOfGroup(ctx, groupId(params)),
    shown: each(endpointView),
  }),
  listing(`${one}/projects`, 'projects', {
    summary: 'List the projects of a group',
    policy: 'identity:list_projects_associated_with_endpoint_group',
    rows: (ctx, params) => projectsOfGroup(ctx, groupId(params)),
    shown: each(bareProjectView),
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
  listing(`${base}/projects/:project_id/endpoints`, 'endpoints', {
    summary: 'List the endpoints of a project',
    policy: 'identity:list_endpoints_for_project',
    rows: (ctx, params) => endpointsOfProject(ctx, params['project_id'] ?? ''),
    shown: each(endpointView),
  }),
  listing(`${base}/projects/:project_id/endpoint_groups`, 'endpoint_groups', {
    summary: 'List the endpoint groups of a project',
    policy: 'identity:list_endpoint_groups_for_project',
    rows: (ctx, params) => groupsOfProject(ctx, params['project_id'] ?? ''),
    shown: each(endpointGroupView),
  }),
  listing(`${base}/endpoints/:endpoint_id/projects`, 'projects', {
    summary: 'List the projects of an endpoint',
    policy: 'identity:list_projects_for_endpoint',
    rows: (ctx, params) => projectsOfEndpoint(ctx, params['endpoint_id'] ?? ''),
    shown: each(bareProjectView),
  }),
]
