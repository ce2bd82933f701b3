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
  // who is allowed a row of nobody's is allowed every row: a role that reads all needs no condition
  const everything = ctx.allows({ project_id: '', tenant_id: '' }, rule)
  const after =
    // the marker’s row is read by the sort keys, which are its columns
    query.marker === null ? undefined : ((await resourceFetch(ctx, resource, query.marker)).row as unknown as Record<string, unknown>)
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
