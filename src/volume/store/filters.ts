// Conditions of lists, from what a query asked for. Texts are compared whatever their case, as Cinder's database does.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import type { Rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like'
export type FilterValue = string | number

export interface ColumnFilter {
  column: string
  comparison: Comparison
  /** several: one of them; null: is null */
  value: FilterValue | FilterValue[] | null
}

/** Columns of free text and of words: ids and times are compared as they are. */
const folded = new Set([
  'name',
  'description',
  'status',
  'availability_zone',
  'migration_status',
  'consumer',
  'message_level',
  'resource_type',
  'event_id',
])

const operators = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` }

export function condition({ column, comparison, value }: ColumnFilter): RawBuilder<SqlBool> {
  if (value === null) return sql<SqlBool>`${sql.ref(column)} is null`
  const folds = folded.has(column) || comparison === 'like'
  const left = folds ? sql`lower(cast(${sql.ref(column)} as text))` : sql.ref(column)
  const right = (each: FilterValue) => (folds ? sql`${String(each).toLowerCase()}` : sql`${each}`)
  if (Array.isArray(value)) return value.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${left} in (${sql.join(value.map(right))})`
  if (comparison === 'like') return sql<SqlBool>`${left} like ${`%${String(value).toLowerCase()}%`}`
  return sql<SqlBool>`${left} ${operators[comparison]} ${right(value)}`
}

/** An unescaped `"key":"value"` stands in an object's JSON only where it is a pair: quotes inside texts are escaped. */
export function holdsPair(column: string, key: string, value: string): RawBuilder<SqlBool> {
  const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`.replace(/[\\%_]/g, '\\$&')
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${`%${pair}%`}) escape '\\'`
}

export interface RowFilters {
  /** undefined: every project's */
  projectId?: string | undefined
  columns?: ColumnFilter[]
}

/** Pages of a table's rows by conditions on its columns and no others. */
export const pagesOf =
  <Row extends object>({ name }: Rows<Row>) =>
  async (db: Db, { projectId, columns = [] }: RowFilters, request: PageRequest): Promise<Row[]> => {
    let query = db
      .as<Record<'rows', Record<string, unknown>>>()
      .selectFrom(name as 'rows')
      .selectAll()
    if (projectId !== undefined) query = query.where('project_id', '=', projectId)
    for (const filter of columns) query = query.where(condition(filter))
    return (await page(query, request).execute()) as Row[]
  }
