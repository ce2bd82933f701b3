// A statement that is built and compiled once and afterwards only given its values: for what runs thousands of times
// an hour. Building and compiling anew is half of the cost of a small query (10 µs instead of 5 µs, when all is warm).
import { LRUCache } from 'lru-cache'
import type { CompiledQuery, Kysely, QueryResult } from 'kysely'
import { assert } from '../errors.ts'
import type { Db } from './store.ts'

export interface Statement<Values extends object, Row> {
  rows(db: Db, values: Values): Promise<Row[]>
  first(db: Db, values: Values): Promise<Row | undefined>
  /** the row that there always is */
  one(db: Db, values: Values): Promise<Row>
  /** how many rows it changed */
  change(db: Db, values: Values): Promise<number>
}

/** A query of Kysely's, or one in SQL. */
interface Buildable<Row> {
  compile(q: Kysely<any>): CompiledQuery<Row>
}

type Build<Tables, Values, Row> = (q: Kysely<Tables>, values: Values, db: Db) => Buildable<Row>

/** Stands for a value while the statement is built; where it comes out among the parameters, the value goes in later. */
class Slot {
  #path: string[]
  #missing: string
  constructor(path: string[]) {
    this.#path = path
    this.#missing = `a statement was not given its ${path.join('.')}`
  }
  of(values: object): unknown {
    let value: unknown = values
    for (const name of this.#path) value = (value as Record<string, unknown>)[name]
    assert(value !== undefined, this.#missing)
    return value
  }
}

/**
 * `build` is called once for each variant of store (its dialect, and whether facts are declared), with stand-ins for the values:
 * it may hand them on and must not look at them.
 * What changes the statement's text (a condition that is sometimes there, the length of a list) needs a statement each.
 */
export function statement<Tables, Values extends object, Row>(build: Build<Tables, Values, Row>): Statement<Values, Row> {
  const slots = new Proxy({}, { get: (_, name) => new Slot([String(name)]) }) as Values
  return compiledOnce(build, new Map(), { keyOf: ({ variant }) => variant, slotsOf: () => slots })
}

/** More than any statement's callers have; what comes on top is compiled anew. */
const shapesKept = 100

/**
 * A statement for each shape of its values, for changes of some columns, rows to insert, and conditions that are sometimes
 * there: `build` may look at which names they have, how long lists are, and what is true or false. Only for shapes that are
 * written down in the callers: ids, of which there may be any number, are one value (see ids-in.ts).
 */
export function shapedStatement<Tables, Values extends object, Row>(build: Build<Tables, Values, Row>): Statement<Values, Row> {
  return compiledOnce(build, new LRUCache({ max: shapesKept }), {
    keyOf: ({ variant }, values) => variant + shapeOf(values),
    slotsOf: (values) => slotsOf(values) as Values,
  })
}

interface Compiled<Row> {
  get(key: string): CompiledQuery<Row> | undefined
  set(key: string, query: CompiledQuery<Row>): unknown
}

interface Keys<Values> {
  keyOf(db: Db, values: Values): string
  slotsOf(values: Values): Values
}

function compiledOnce<Tables, Values extends object, Row>(
  build: Build<Tables, Values, Row>,
  compiled: Compiled<Row>,
  { keyOf, slotsOf }: Keys<Values>,
): Statement<Values, Row> {
  function run(db: Db, values: Values): Promise<QueryResult<Row>> {
    const key = keyOf(db, values)
    let template = compiled.get(key)
    if (!template) compiled.set(key, (template = build(db.as(), slotsOf(values), db).compile(db.as())))
    const parameters = template.parameters.map((parameter) => (parameter instanceof Slot ? parameter.of(values) : parameter))
    return db.execute({ ...template, parameters })
  }
  return {
    rows: async (db, values) => (await run(db, values)).rows,
    first: async (db, values) => (await run(db, values)).rows[0],
    one: async (db, values) => {
      const [row] = (await run(db, values)).rows
      assert(row !== undefined, 'a statement that always has a row had none')
      return row
    },
    change: async (db, values) => Number((await run(db, values)).numAffectedRows ?? 0),
  }
}

const isNamed = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Rows, changes and conditions are named: their members are the columns' values, whatever those are. */
function shapeOf(values: object): string {
  let shape = ''
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    shape += isNamed(value) ? `,${name}{${membersOf(value)}}` : typeof value === 'boolean' ? `,${name}=${value}` : `,${name}`
  }
  return shape
}

function membersOf(value: object): string {
  if (Array.isArray(value)) return `${value.length}:${value.map((one) => (isNamed(one) ? `{${membersOf(one)}}` : '')).join()}`
  let names = ''
  for (const [name, one] of Object.entries(value)) if (one !== undefined) names += `,${name}`
  return names
}

function slotsOf(values: object): object {
  return membered(values, (value, name) => {
    if (value === undefined || typeof value === 'boolean') return value
    if (Array.isArray(value))
      return value.map((one, index) => (isNamed(one) ? columnsOf(one, [name, String(index)]) : new Slot([name, String(index)])))
    return isNamed(value) ? columnsOf(value, [name]) : new Slot([name])
  })
}

function columnsOf(value: object, path: string[]): object {
  return membered(value, (one, name) => {
    assert(
      !isNamed(one) || Array.isArray(one) || !('toOperationNode' in one),
      `${path.join('.')}.${name} is nothing that a statement can be given: an expression belongs into its text`,
    )
    return one === undefined ? undefined : new Slot([...path, name])
  })
}

const membered = (object: object, of: (value: unknown, name: string) => unknown): object =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, of(value, name)]))
