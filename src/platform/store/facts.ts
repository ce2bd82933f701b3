// What the timeline is told of rows. A domain declares its tables: whose rows they are and which columns are facts. Every statement that
// changes a declared table then returns what it changed, and the transaction keeps it as notes, which its end writes into the timeline
// (platform/events). So no store function can forget to, compare-and-set and changes of many rows are told row by row, and it costs
// no statement. What is not declared as a fact is told as changed, never with its value: no secret can come into a note.
import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  ReferenceNode,
  ReturningNode,
  SelectionNode,
  type CompiledQuery,
  type DeleteQueryNode,
  type InsertQueryNode,
  type OperationNode,
  type QueryCompiler,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  type UpdateQueryNode,
} from 'kysely'
import { assert } from '../errors.ts'

/** What the timeline is told of a table's rows. */
export interface TableFacts {
  /** the resource's type, as events name it: 'server'; or by which column's value it is which */
  type: string | { column: string; types: Readonly<Record<string, string>> }
  /** the column with the resource's id; 'id' when not given */
  id?: string
  /** that column holds numbers */
  isNumbered?: true
  /** what a row whose id is '' belongs to; when not given, it is no resource's */
  unnamed?: string
  /** the column with its project, where it has one */
  project?: string
  /** columns whose values are told, as rows hold them (platform/store/columns.ts) */
  facts: readonly string[]
  /** columns whose change alone says nothing: signs of life, revision numbers */
  quiet?: readonly string[]
  /** the column with what people call it; 'name' when not given, where that is a fact */
  called?: string
  /** operators may ask for it by its id, what people call it, and these columns (`stackling why 10.0.0.5`); when not given, by none */
  by?: readonly string[]
  /** a column that is 1 when the row is only kept for the record: the resource is gone */
  gone?: string
  /** an id is never given again: retention leaves the line that says it is gone */
  areIdsUsedOnce?: true
  /** the rows are parts of the resource: each is the fact '<name>:<key>', told whole, null when it is gone */
  part?: { name: string; key: readonly string[] }
}

/** by table */
export type FactsOf = Readonly<Record<string, TableFacts>>

/** One change of a resource: its facts that changed (each replaces what it was; null: there is none any more), or null when it is gone. */
export interface FactsNote {
  type: string
  id: string
  change: 'create' | 'update' | 'delete'
  /** undefined: the change does not say whose it is */
  projectId?: string | null
  facts: Record<string, unknown> | null
}

interface Table extends TableFacts {
  id: string
}

/** How the rows that a statement returns become notes. */
interface Told {
  table: Table
  change: FactsNote['change']
  facts: readonly string[]
  /** what its caller is given: no rows, the whole rows, which hold the notes' columns anyway, or some columns, and the notes' go away */
  asked: 'nothing' | 'all' | 'some'
  /** before the names of the notes' columns; '' when none must be told apart from the caller's */
  prefix: string
  /** the facts of a row that the statement returned */
  values(row: Row): Record<string, unknown>
}

/** As a literal, which the compiler knows the shape of: every row of every change goes through it. */
function valuesOf(facts: readonly string[], prefix: string): Told['values'] {
  const members = facts.map((name) => `${JSON.stringify(name)}: row[${JSON.stringify(prefix + name)}] ?? null`)
  return new Function('row', `return { ${members.join(', ')} }`) as Told['values']
}

interface ToldQuery<Row> extends CompiledQuery<Row> {
  told: Told
}

const parsed = (tables: FactsOf): Map<string, Table> =>
  new Map(Object.entries(tables).map(([name, table]) => [name, { ...table, id: table.id ?? 'id' }]))

/** The declared tables of a store; none until its migrations are through. */
export class DeclaredFacts {
  #tables = new Map<string, Table>()
  declare(tables: FactsOf): void {
    this.#tables = parsed(tables)
  }
  get(table: string): Table | undefined {
    return this.#tables.get(table)
  }
  /** the types whose ids are never given again */
  get usedOnce(): string[] {
    return [...this.#tables.values()].flatMap(({ areIdsUsedOnce, type }) => (areIdsUsedOnce && typeof type === 'string' ? [type] : []))
  }
  get any(): boolean {
    return this.#tables.size > 0
  }
}

/** A compiler that lets statements which change declared tables return what they change. */
export class TellingCompiler implements QueryCompiler {
  #inner: QueryCompiler
  #tables: DeclaredFacts
  constructor(inner: QueryCompiler, tables: DeclaredFacts) {
    this.#inner = inner
    this.#tables = tables
  }
  compileQuery<Row>(node: RootOperationNode, queryId: QueryId): CompiledQuery<Row> {
    const told = isChange(node) ? this.#told(node) : null
    if (!told || !isChange(node)) return this.#inner.compileQuery(node, queryId) as CompiledQuery<Row>
    const compiled = this.#inner.compileQuery({ ...node, returning: returning(node, told) }, queryId)
    const query: ToldQuery<unknown> = { ...compiled, query: node, told }
    return query as CompiledQuery<Row>
  }
  #told(node: Change): Told | null {
    const table = this.#tables.get(tableOf(node))
    if (!table) return null
    const asked = askedBy(node)
    const prefix = asked === 'some' ? 'told_' : ''
    const told = (change: Told['change'], facts: readonly string[]): Told => ({
      table,
      asked,
      prefix,
      change,
      facts,
      values: valuesOf(facts, prefix),
    })
    if (node.kind !== 'UpdateQueryNode') return told(node.kind === 'InsertQueryNode' ? 'create' : 'delete', table.facts)
    const set = new Set((node.updates ?? []).map(({ column }) => columnName(column)))
    for (const fixed of table.part ? [table.id, ...table.part.key] : [])
      assert(!set.has(fixed), `${tableOf(node)}.${fixed} is what its rows are told apart by in the timeline: insert and delete instead`)
    if ([...set].every((name) => table.quiet?.includes(name))) return null
    // a part is told whole
    return told('update', table.part ? table.facts : table.facts.filter((name) => set.has(name)))
  }
}

type Change = InsertQueryNode | UpdateQueryNode | DeleteQueryNode
const isChange = (node: RootOperationNode): node is Change =>
  node.kind === 'InsertQueryNode' || node.kind === 'UpdateQueryNode' || node.kind === 'DeleteQueryNode'

function tableOf(node: Change): string {
  const named: OperationNode | undefined =
    node.kind === 'InsertQueryNode' ? node.into : node.kind === 'UpdateQueryNode' ? node.table : node.from.froms[0]
  const plain = named?.kind === 'AliasNode' ? (named as AliasNode).node : named
  return (plain as { table?: { identifier: { name: string } } }).table?.identifier.name ?? ''
}

const columnName = (node: OperationNode): string =>
  node.kind === 'ReferenceNode' ? columnName((node as ReferenceNode).column) : (node as ColumnNode).column.name

function askedBy({ returning }: Change): Told['asked'] {
  if (!returning) return 'nothing'
  return returning.selections.some(({ selection }) => selection.kind === 'SelectAllNode') ? 'all' : 'some'
}

function returning(node: Change, { table, asked, change, facts, prefix }: Told): ReturningNode {
  if (asked === 'all' && node.returning) return node.returning
  const wanted = [table.id, ...(table.project ? [table.project] : []), ...(table.part?.key ?? [])]
  if (typeof table.type !== 'string') wanted.push(table.type.column)
  if (change !== 'delete') wanted.push(...facts)
  if (table.gone !== undefined) wanted.push(table.gone)
  const selections = [...new Set(wanted)].map((name) => {
    const column = ReferenceNode.create(ColumnNode.create(name))
    return SelectionNode.create(prefix === '' ? column : AliasNode.create(column, IdentifierNode.create(prefix + name)))
  })
  return ReturningNode.create([...(node.returning?.selections ?? []), ...selections])
}

type Row = Record<string, unknown>

/** The statement's result as its caller knows it; what it changed goes to `note`. */
export function told<R>(query: CompiledQuery, result: QueryResult<R>, note: (note: FactsNote) => void): QueryResult<R> {
  const { told: how } = query as Partial<ToldQuery<R>>
  if (how === undefined) return result
  for (const row of result.rows as Row[]) {
    const found = noteOf(row, how)
    if (found) note(found)
  }
  if (how.asked === 'nothing') return { ...result, rows: [], numAffectedRows: BigInt(result.rows.length) }
  if (how.asked === 'all') return result
  const own = (row: Row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(how.prefix)))
  return { ...result, rows: (result.rows as Row[]).map(own) as R[] }
}

/** Does the statement change a declared table? */
export const isTold = (query: CompiledQuery): boolean => 'told' in query

function noteOf(row: Row, { table, change, facts, prefix, values }: Told): FactsNote | null {
  const id = row[prefix + table.id] === '' ? table.unnamed : row[prefix + table.id]
  if (id === null || id === undefined) return null
  const project =
    table.project === undefined ? (table.part ? {} : { projectId: null }) : { projectId: row[prefix + table.project] as string | null }
  const type = typeOfRow(table.type, typeof table.type === 'string' ? null : row[prefix + table.type.column])
  const whose = { type, id: String(id), ...project }
  const isGone = change === 'delete' || (table.gone !== undefined && Number(row[prefix + table.gone]) === 1)
  if (!table.part) return isGone ? { ...whose, change: 'delete', facts: null } : { ...whose, change, facts: values(row) }
  const value = change === 'delete' ? null : facts.length === 0 ? true : values(row)
  return { ...whose, change: 'update', facts: { [partName(table.part, row, prefix)]: value } }
}

/** A row's type; `value` is what its type's column holds. */
export function typeOfRow(type: TableFacts['type'], value: unknown): string {
  const found = typeof type === 'string' ? type : type.types[String(typeof value === 'boolean' ? Number(value) : value)]
  assert(found, `the timeline has no type for ${JSON.stringify(type)} of ${String(value)}`)
  return found
}

/** All facts of a row, as the notes of its changes tell them. */
export function factsOfRow(declared: TableFacts, row: Row): Record<string, unknown> {
  const values = Object.fromEntries(declared.facts.map((name) => [name, row[name] ?? null]))
  return declared.part ? { [partName(declared.part, row)]: declared.facts.length === 0 ? true : values } : values
}

function partName({ name, key }: { name: string; key: readonly string[] }, row: Row, prefix = ''): string {
  return `${name}:${key.map((column) => row[prefix + column]).join('/')}`
}
