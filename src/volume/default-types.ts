// Default volume types of projects; the cloud's own is __DEFAULT__.
import type { Context } from '../platform/context.ts'
import { notFound } from '../platform/errors.ts'
import { defaultTypeRows, defaultTypeSet, type DefaultTypeRow } from './store/types.ts'
import { typeMayBeUsed } from './volume-types.ts'

const target = (projectId: string) => ({ project_id: projectId })

export async function defaultTypesList(ctx: Context): Promise<DefaultTypeRow[]> {
  ctx.authorize()
  return defaultTypeRows.list(ctx.db)
}

export async function defaultTypeGet(ctx: Context, projectId: string): Promise<DefaultTypeRow> {
  ctx.authorize(target(projectId))
  const row = await defaultTypeRows.first(ctx.db, { project_id: projectId })
  if (!row) throw notFound(`Default type for project ${projectId} not found.`)
  return row
}

export async function defaultTypeUpdate(ctx: Context, projectId: string, nameOrId: string): Promise<DefaultTypeRow> {
  return ctx.transaction(async (tx) => {
    tx.authorize(target(projectId))
    const type = await typeMayBeUsed(tx, nameOrId)
    const row = { project_id: projectId, volume_type_id: type.id }
    await defaultTypeSet(tx.db, row)
    return row
  })
}

export async function defaultTypeDelete(ctx: Context, projectId: string): Promise<void> {
  ctx.authorize(target(projectId))
  await ctx.transaction((tx) => defaultTypeRows.delete(tx.db, { project_id: projectId }))
}
