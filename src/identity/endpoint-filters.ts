// Which project sees which endpoint: single ones, and groups of endpoints chosen by filters.
import { Type } from '../platform/api/type.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { groupEndpoints } from './catalog.ts'
import { existing } from './found.ts'
import { permit } from './permission.ts'
import { change } from './revision.ts'
import { nameSchema, nullable, optional, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import {
  endpointGroups,
  endpoints,
  projectEndpointGroups,
  projectEndpoints,
  projects,
  type Attributes,
  type EndpointGroupRow,
  type EndpointRow,
  type ProjectRow,
} from './store/tables.ts'

export const endpointGroupProperties = {
  description: optional(nullable(text)),
  filters: Type.Record(Type.String(), Type.Unknown()),
  name: nameSchema,
}
export type EndpointGroupBody = Body<typeof endpointGroupProperties>

const filterNames = ['service_id', 'region_id', 'enabled', 'interface']

function filtersCheck(filters: Attributes): Attributes {
  const foreign = Object.keys(filters).filter((name) => !filterNames.includes(name))
  if (foreign.length > 0) throw badRequest(`filter value must be one of ${filterNames.join(', ')}, not ${foreign.join(', ')}`)
  return filters
}

export function endpointGroupsList(ctx: Context): Promise<EndpointGroupRow[]> {
  permit(ctx)
  return endpointGroups.list(ctx.db)
}

export async function endpointGroupGet(ctx: Context, id: string): Promise<EndpointGroupRow> {
  permit(ctx)
  return existing(await endpointGroups.fetch(ctx.db, id), 'endpoint group', id)
}

export async function endpointGroupCreate(ctx: Context, body: EndpointGroupBody): Promise<EndpointGroupRow> {
  permit(ctx)
  const row = {
    id: ctx.ids.hex(),
    name: body.name ?? '',
    description: body.description ?? null,
    filters: filtersCheck(body.filters ?? {}),
  }
  await change(ctx, { type: 'endpoint_group', id: row.id, action: 'create' }, (tx) => endpointGroups.insert(tx.db, row))
  return row
}

export async function endpointGroupUpdate(ctx: Context, id: string, body: EndpointGroupBody): Promise<EndpointGroupRow> {
  const row = await endpointGroupGet(ctx, id)
  const next = {
    name: body.name ?? row.name,
    description: body.description === undefined ? row.description : body.description,
    filters: body.filters === undefined ? row.filters : filtersCheck(body.filters),
  }
  await change(ctx, { type: 'endpoint_group', id, action: 'update' }, (tx) => endpointGroups.update(tx.db, { id }, next))
  return { ...row, ...next }
}

export async function endpointGroupDelete(ctx: Context, id: string): Promise<void> {
  await endpointGroupGet(ctx, id)
  await change(ctx, { type: 'endpoint_group', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'endpointGroup', id))
}

/** A project's endpoint, or its group of endpoints: the same four things can be done with either. */
export type Selected = { kind: 'endpoint'; id: string } | { kind: 'group'; id: string }

async function placeCheck(ctx: Context, projectId: string, { kind, id }: Selected): Promise<void> {
  permit(ctx, { project_id: projectId })
  existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  if (kind === 'endpoint') existing(await endpoints.fetch(ctx.db, id), 'endpoint', id)
  else existing(await endpointGroups.fetch(ctx.db, id), 'endpoint group', id)
}

export async function selectionAdd(ctx: Context, projectId: string, selected: Selected): Promise<void> {
  await placeCheck(ctx, projectId, selected)
  await change(ctx, { type: 'project', id: projectId, action: 'select-endpoint' }, (tx) =>
    selected.kind === 'endpoint'
      ? projectEndpoints.insertMissing(tx.db, { project_id: projectId, endpoint_id: selected.id })
      : projectEndpointGroups.insertMissing(tx.db, { project_id: projectId, endpoint_group_id: selected.id }),
  )
}

export async function selectionCheck(ctx: Context, projectId: string, selected: Selected): Promise<void> {
  await placeCheck(ctx, projectId, selected)
  const found =
    selected.kind === 'endpoint'
      ? await projectEndpoints.first(ctx.db, { project_id: projectId, endpoint_id: selected.id })
      : await projectEndpointGroups.first(ctx.db, { project_id: projectId, endpoint_group_id: selected.id })
  if (!found) {
    throw notFound(
      `The ${selected.kind === 'endpoint' ? 'endpoint' : 'endpoint group'} ${selected.id} is not found in project ${projectId}.`,
    )
  }
}

/** The group itself, when the project sees it. */
export async function groupSelected(ctx: Context, projectId: string, id: string): Promise<EndpointGroupRow> {
  await selectionCheck(ctx, projectId, { kind: 'group', id })
  return existing(await endpointGroups.fetch(ctx.db, id), 'endpoint group', id)
}

export async function selectionRemove(ctx: Context, projectId: string, selected: Selected): Promise<void> {
  await selectionCheck(ctx, projectId, selected)
  await change(ctx, { type: 'project', id: projectId, action: 'unselect-endpoint' }, (tx) =>
    selected.kind === 'endpoint'
      ? projectEndpoints.delete(tx.db, { project_id: projectId, endpoint_id: selected.id })
      : projectEndpointGroups.delete(tx.db, { project_id: projectId, endpoint_group_id: selected.id }),
  )
}

/** What the project has selected, through groups too. */
export async function endpointsOfProject(ctx: Context, projectId: string): Promise<EndpointRow[]> {
  permit(ctx, { project_id: projectId })
  existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  const all = await endpoints.list(ctx.db)
  const ids = new Set((await projectEndpoints.list(ctx.db, { project_id: projectId })).map((row) => row.endpoint_id))
  for (const group of await groupsSelected(ctx, projectId)) for (const endpoint of groupEndpoints(group, all)) ids.add(endpoint.id)
  return all.filter((row) => ids.has(row.id))
}

const groupsSelected = async (ctx: Context, projectId: string): Promise<EndpointGroupRow[]> =>
  endpointGroups.many(
    ctx.db,
    (await projectEndpointGroups.list(ctx.db, { project_id: projectId })).map((row) => row.endpoint_group_id),
  )

export async function groupsOfProject(ctx: Context, projectId: string): Promise<EndpointGroupRow[]> {
  permit(ctx, { project_id: projectId })
  existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  return groupsSelected(ctx, projectId)
}

export async function endpointsOfGroup(ctx: Context, id: string): Promise<EndpointRow[]> {
  return groupEndpoints(await endpointGroupGet(ctx, id), await endpoints.list(ctx.db))
}

export async function projectsOfGroup(ctx: Context, id: string): Promise<ProjectRow[]> {
  await endpointGroupGet(ctx, id)
  return projects.many(
    ctx.db,
    (await projectEndpointGroups.list(ctx.db, { endpoint_group_id: id })).map((row) => row.project_id),
  )
}

export async function projectsOfEndpoint(ctx: Context, id: string): Promise<ProjectRow[]> {
  permit(ctx)
  existing(await endpoints.fetch(ctx.db, id), 'endpoint', id)
  return projects.many(
    ctx.db,
    (await projectEndpoints.list(ctx.db, { endpoint_id: id })).map((row) => row.project_id),
  )
}
