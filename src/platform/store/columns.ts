// What columns hold beyond text and numbers: yes or no (0 and 1 in the table), or a value (JSON text in the table). Domains declare
// theirs; the two engines say of each column of a result which table's column it is, whatever the statement calls it, so that every
// row comes decoded and every parameter goes encoded, at one place. A column that a statement computes comes as it is computed.

/** 'flag': 0 or 1; 'json': text. Null is null. */
export type ColumnKind = 'flag' | 'json'

type KindOf<Value> = [NonNullable<Value>] extends [never]
  ? never
  : [NonNullable<Value>] extends [boolean]
    ? 'flag'
    : [NonNullable<Value>] extends [object]
      ? 'json'
      : never

type RowColumns<Row> = { [Name in keyof Row as [KindOf<Row[Name]>] extends [never] ? never : Name]: KindOf<Row[Name]> }

/** What a domain declares: exactly the columns that its row types say are boolean or objects. */
export type ColumnsOf<Tables> = {
  readonly [Name in keyof Tables as [keyof RowColumns<Tables[Name]>] extends [never] ? never : Name]: RowColumns<Tables[Name]>
}

/** by table, by column */
export type Columns = Readonly<Record<string, Readonly<Record<string, ColumnKind>>>>

/** Of the whole process: how its code reads those tables, in whichever store. Statements that were prepared earlier look at `version`. */
const declared = { tables: new Map<string, Readonly<Record<string, ColumnKind>>>(), version: 0 }

export function declareColumns(columns: Columns): void {
  for (const [name, kinds] of Object.entries(columns)) {
    if (declared.tables.get(name) === kinds) continue
    declared.tables.set(name, kinds)
    declared.version++
  }
}

export const columnsVersion = (): number => declared.version

export const kindOf = (table: string | null | undefined, column: string | null | undefined): ColumnKind | undefined =>
  table && column ? declared.tables.get(table)?.[column] : undefined

/** A value as the engines take it. */
export function encoded(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return JSON.stringify(value)
}

export const decoders: Record<ColumnKind, (value: unknown) => unknown> = {
  flag: (value) => (value === null ? null : value === 1),
  json: (value) => (value === null ? null : (JSON.parse(value as string) as unknown)),
}
