// What a project left behind: as upstream, deleting a project neither stops nor deletes what it holds, and nobody is asked for it
// any more. It is named here; what becomes of it is for a person to decide.
import type { Context } from '../context.ts'
import type { Db } from '../store/store.ts'
import type { Check, Finding } from './check.ts'
import { pages } from './pages.ts'

/** One table of things that a project holds. */
export interface Holding {
  table: string
  /** as in the timeline */
  resourceType: string
  /** rows of what is deleted stay, and this column says so */
  deletedColumn?: string
}

interface Row {
  id: string
  project_id: string | null
}

type Tables = Record<string, Row & Record<string, unknown>>

/** `gone` says which of these projects are no longer. */
export function orphansCheck(name: string, holdings: Holding[], gone: (ctx: Context, projectIds: string[]) => Promise<string[]>): Check {
  async function* find(ctx: Context): AsyncGenerator<Finding> {
    for (const holding of holdings) {
      const projects = (await projectsOf(ctx.db, holding)).flatMap(({ project_id: id }) => (id === null || id === '' ? [] : [id]))
      for (const project of await gone(ctx, projects)) yield* left(ctx.db, holding, project)
    }
  }
  return { name, invariant: 4, find }
}

async function* left(db: Db, holding: Holding, projectId: string): AsyncGenerator<Finding> {
  const page = (after: string, limit: number) =>
    rowsOf(db, holding)
      .select(['id', 'project_id'])
      .where('project_id', '=', projectId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
  for await (const rows of pages(page, ({ id }) => id)) {
    for (const { id } of rows)
      yield { resourceType: holding.resourceType, resourceId: id, message: `its project ${projectId} was deleted, and it was not` }
  }
}

function rowsOf(db: Db, { table, deletedColumn }: Holding) {
  const rows = db.as<Tables>().selectFrom(table)
  return deletedColumn === undefined ? rows : rows.where(deletedColumn, '=', 0)
}

const projectsOf = (db: Db, holding: Holding): Promise<Pick<Row, 'project_id'>[]> =>
  rowsOf(db, holding).select('project_id').distinct().execute()
