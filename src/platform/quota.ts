// Quota limits as rows, per service and project; -1 is unlimited. Usage is never stored: a check counts
// rows in the same transaction that adds one, so that it cannot drift.
import type { Context } from './context.ts'
import type { FactsOf } from './store/facts.ts'
import { statement } from './store/statement.ts'
import type { Db } from './store/store.ts'
import type { Migrations } from './store/migrate.ts'

interface Tables {
  /** project_id '' holds a service's own defaults (Nova's default quota class) */
  quotas: { service: string; project_id: string; resource: string; hard_limit: number }
}

export const quotaMigrations: Migrations = {
  '0001-quotas': async (db) => {
    await db.schema
      .createTable('quotas')
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('resource', 'text', (c) => c.notNull())
      .addColumn('hard_limit', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('quotas_key', ['service', 'project_id', 'resource'])
      .execute()
  },
}

export const quotaFacts: FactsOf = {
  quotas: {
    type: 'quota',
    id: 'project_id',
    unnamed: 'default',
    project: 'project_id',
    part: { name: 'limit', key: ['service', 'resource'] },
    facts: ['hard_limit'],
  },
}

export type Limits = Record<string, number>
const q = (db: Db) => db.as<Tables>()

const stored = statement<Tables, { service: string; projectId: string }, Tables['quotas']>((from, { service, projectId }) =>
  from.selectFrom('quotas').selectAll().where('service', '=', service).where('project_id', 'in', ['', projectId]),
)

/** The limits that hold for a project: built-in defaults, then the service's stored ones, then the project's own. */
export async function quotaLimits(db: Db, service: string, projectId: string, builtIn: Limits): Promise<Limits> {
  const rows = await stored.rows(db, { service, projectId })
  const limits = { ...builtIn }
  for (const row of rows.sort((a, b) => a.project_id.length - b.project_id.length)) limits[row.resource] = row.hard_limit
  return limits
}

/** Sets limits of a project; projectId '' sets the service's defaults. */
export async function quotaSet(ctx: Context, service: string, projectId: string, limits: Limits): Promise<void> {
  const rows = Object.entries(limits).map(([resource, hard_limit]) => ({ service, project_id: projectId, resource, hard_limit }))
  if (rows.length === 0) return
  await ctx.transaction((tx) =>
    q(tx.db)
      .insertInto('quotas')
      .values(rows)
      .onConflict((c) =>
        c.columns(['service', 'project_id', 'resource']).doUpdateSet((e) => ({ hard_limit: e.ref('excluded.hard_limit') })),
      )
      .execute(),
  )
}

/** Back to the defaults, with the limits of the project's users (services named `<service>/<user>`). */
export const quotaDelete = (ctx: Context, service: string, projectId: string) =>
  ctx.transaction((tx) =>
    q(tx.db)
      .deleteFrom('quotas')
      .where('project_id', '=', projectId)
      .where((e) => e.or([e('service', '=', service), e('service', 'like', `${service}/%`)]))
      .execute(),
  )

export interface QuotaQuestion {
  service: string
  projectId: string
  builtIn: Limits
  /** what is asked for in addition */
  wanted: Limits
  /** counts rows; only called for resources that have a limit */
  used(resource: string): Promise<number>
}

export interface QuotaExcess {
  resource: string
  limit: number
  used: number
  wanted: number
}

/** What would go beyond a limit; empty when all fits. Must run in the transaction that adds the rows. */
export async function quotaExcess(tx: Context, question: QuotaQuestion): Promise<QuotaExcess[]> {
  const limits = await quotaLimits(tx.db, question.service, question.projectId, question.builtIn)
  const excess: QuotaExcess[] = []
  for (const [resource, wanted] of Object.entries(question.wanted)) {
    const limit = limits[resource] ?? -1
    if (limit < 0 || wanted <= 0) continue
    const used = await question.used(resource)
    if (used + wanted > limit) excess.push({ resource, limit, used, wanted })
  }
  return excess
}
