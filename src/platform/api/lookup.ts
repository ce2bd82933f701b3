// Finding a row and asking what may be done with it are one act: the look-up asks the policy with the row as target, says "not found"
// itself, and cannot answer unasked. A row that the actor may not know of is not found, whatever they wanted of it; one that they
// know of but may not do this with is forbidden. Services differ in who may know of a row: that is data (`knows`).
import type { Context } from '../context.ts'
import type { ApiError } from '../errors.ts'
import type { Target } from './policy.ts'

export interface Permission<Row> {
  /** what policy looks at: the stored row's project_id, user_id, …; when not given, nothing of the row counts */
  target?(row: Row): Target
  /** May the actor know that the row is there? When not given, everybody may who could be allowed anything at all (Keystone). */
  knows?(ctx: Context, row: Row): boolean
  missing(id: string): ApiError
  /** how the service words that the rule does not allow it; oslo.policy's words when not given */
  refusal?(rule: string): ApiError
}

/** The row, if the actor may know of it and the rule (the operation's own unless another is named) holds for it. */
export function permitted<Row>(
  ctx: Context,
  row: Row | null | undefined,
  { id, rule = ctx.rule, target, knows, missing, refusal }: Permission<Row> & { id: string; rule?: string | null | undefined },
): Row {
  if (row === undefined || row === null || (knows && !knows(ctx, row))) throw missing(id)
  if (!refusal) ctx.authorize(target?.(row), rule)
  else if (!ctx.allows(target?.(row), rule)) throw refusal(rule ?? '')
  return row
}

export type Lookup<Row> = (ctx: Context, id: string, rule?: string | null) => Promise<Row>

/** `export const volumeGet = lookup<VolumeRow>({ find: (ctx, id) => volumes.fetch(ctx.db, id), target, knows: ofProject, missing })` */
export const lookup =
  <Row>({ find, ...permission }: Permission<Row> & { find(ctx: Context, id: string): Promise<Row | null | undefined> }): Lookup<Row> =>
  async (ctx, id, rule) =>
    permitted(ctx, await find(ctx, id), { ...permission, id, rule })

/** Nova's and Cinder's: what is another project's is known to admins only. */
export const knowsProject = (ctx: Context, projectId: string | null): boolean => ctx.actor.projectId === projectId || ctx.isAdmin
export const ofProject = (ctx: Context, row: { project_id: string | null }): boolean => knowsProject(ctx, row.project_id)
