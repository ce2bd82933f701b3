// Lists of a resource: the rows that match and that this actor may see.
import type { Context } from '../../platform/context.ts'
import { rowsList } from '../store/list.ts'
import type { ListQuery } from './query.ts'
import { resourceFetch, resourceLoad, type Found, type Resource, type ResourceRow } from './resource.ts'

/** `rows` is the page as the store has it, `allowed` what of it may be shown. */
export async function listRows<Row extends ResourceRow, Facts>(
  ctx: Context,
  resource: Resource<Row, Facts>,
  query: ListQuery,
): Promise<{ rows: Row[]; allowed: Found<Row, Facts>[] }> {
  const rule = `get_${resource.name}`
  await resource.beforeList?.(ctx)
  // an actor who may read a row that belongs to no project may read all rows: then the statement needs no condition
  const everything = ctx.allows({ project_id: '', tenant_id: '' }, rule)
  // the marker’s row is read by the sort keys, which are its columns
  const marker = query.marker === null ? undefined : (await resourceFetch(ctx, resource, query.marker)).row
  const after = marker as (Record<string, unknown> & Row) | undefined
  const rows = await rowsList<Row>(ctx.db, resource.shape, {
    filters: query.filters,
    sorts: query.sorts,
    limit: query.limit,
    reverse: query.reverse,
    after,
    visibleTo: everything ? null : (ctx.actor.projectId ?? ''),
    projectId: ctx.actor.projectId,
  })
  const loaded = await resourceLoad(ctx, resource, rows)
  const found = resource.keeps ? loaded.filter((one) => resource.keeps?.(one, query.filters)) : loaded
  return { rows, allowed: everything ? found : found.filter(({ target }) => ctx.allows(target, rule)) }
}
