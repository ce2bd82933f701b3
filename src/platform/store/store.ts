// The typed SQL layer: one Kysely, two dialects. A `Db` is either the store itself or the transaction that one
// is in; domains' store functions take a Db and see their own tables through `as`. Short transactions only:
// nothing inside one may wait for the outside world.
import { AsyncLocalStorage } from 'node:async_hooks'
import { CompiledQuery, Kysely, sql, type DatabaseConnection, type Dialect, type QueryResult } from 'kysely'
import { delay, type Clock } from '../clock.ts'
import { assert } from '../errors.ts'
import type { Ids } from '../ids.ts'
import { DeclaredFacts, isTold, type FactsNote, type FactsOf } from './facts.ts'
import { OnConnection, queryParts } from './on-connection.ts'
import { withCompiler } from './with-compiler.ts'

export type DialectName = 'sqlite' | 'postgres'

export interface Db {
  dialect: DialectName
  /** the store that this is, or is a transaction of */
  store: Store
  /** the same text of a statement serves all that are of one */
  variant: string
  inTransaction: boolean
  /** what changed in this transaction, for the timeline */
  notes: FactsNote[]
  /** the query builder, seen with a domain's own tables */
  as<Tables>(): Kysely<Tables>
  /** runs what is compiled already */
  execute<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>
  /** Runs when the transaction has committed, at once outside of one. For hints (wake-ups), never for truth. */
  afterCommit(fn: () => void): void
  /** Has this transaction changed a row? Only PostgreSQL says it of all statements: SQLite does not of those that return rows. */
  hasChanged(): boolean
  /** Runs in the transaction as the last thing before its commit; when it fails, nothing is committed. */
  beforeCommit(fn: () => Promise<void>): void
}

export interface Store extends Db {
  /** Serializable; on PostgreSQL tried again, a bounded number of times, when it lost against another. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** From now on changes of these tables are told to the timeline, and made in transactions only. */
  declareFacts(tables: FactsOf): void
  /** the types of resources whose ids are never given again */
  typesUsedOnce(): string[]
  /** Rises with every commit of this process, the only one that writes; null when others may write too, or nobody counts. */
  revision(): number | null
  /** Resolves when all that this process committed is on the disk; null when it is there already. */
  durable(): Promise<void> | null
  close(): Promise<void>
}

/** An engine whose commit returns before the disk has it. */
export interface Commits {
  /** resolves when all that was committed before is on the disk: only then a transaction is over */
  durable(): Promise<void>
  isDurable(): boolean
  revision(): number
}

export interface StoreParts {
  /** time and chance of the pause before a transaction that lost is tried again */
  clock: Clock
  ids: Pick<Ids, 'fraction'>
  commits?: Commits
}

const begin: Record<DialectName, CompiledQuery> = {
  sqlite: CompiledQuery.raw('begin'),
  postgres: CompiledQuery.raw('start transaction isolation level serializable'),
}
const commit = CompiledQuery.raw('commit')
const rollback = CompiledQuery.raw('rollback')
const serializationFailures = new Set(['40001', '40P01'])
const maxTransactionAttempts = 30
const longestPauseMs = 200

/** Wraps a dialect. Using the store itself inside a transaction would wait for ever on SQLite, so it asserts. */
export function createStore(dialectName: DialectName, dialect: Dialect, { clock, ids, commits }: StoreParts): Store {
  const facts = new DeclaredFacts()
  const parts = queryParts(dialect, facts)
  const kysely = new Kysely<unknown>({ dialect: withCompiler(dialect, (node, id) => onItsOwn(parts.compiler.compileQuery(node, id))) })
  const variant = () => (facts.any ? `${dialectName} told` : dialectName)
  const current = new AsyncLocalStorage<true>()

  async function inTransaction<T>(
    connection: DatabaseConnection,
    note: (note: FactsNote) => void,
    work: (queries: OnConnection) => Promise<T>,
  ): Promise<T> {
    const queries = new OnConnection(parts, connection, note)
    await connection.executeQuery(begin[dialectName])
    try {
      const result = await work(queries)
      await connection.executeQuery(commit)
      return result
    } catch (error) {
      await connection.executeQuery(rollback)
      throw error
    } finally {
      queries.end()
    }
  }

  async function attempt<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const last: (() => Promise<void>)[] = []
    const afterwards: (() => void)[] = []
    const notes: FactsNote[] = []
    const note = (one: FactsNote) => void notes.push(one)
    const result = await kysely.getExecutor().provideConnection((connection) =>
      inTransaction(connection, note, (queries) =>
        current.run(true, async () => {
          const done = await work({
            dialect: dialectName,
            store,
            variant: variant(),
            inTransaction: true,
            // a domain sees its own tables alone; Kysely’s types are erased at run time
            notes,
            as: <Tables>() => queries.builder as unknown as Kysely<Tables>,
            execute: (query) => queries.executeQuery(query),
            afterCommit: (fn) => void afterwards.push(fn),
            hasChanged: () => queries.hasChanged,
            beforeCommit: (fn) => void last.push(fn),
          })
          assert(notes.length === 0 || last.length > 0, 'a resource was changed in a transaction that is nobody’s: use ctx.transaction')
          for (const fn of last) await fn()
          return done
        }),
      ),
    )
    await commits?.durable()
    current.exit(() => afterwards.forEach((fn) => fn()))
    return result
  }

  async function again<T>(work: (db: Db) => Promise<T>): Promise<T> {
    for (let tried = 2; ; tried++) {
      try {
        return await attempt(work)
      } catch (error) {
        if (!isSerializationFailure(error) || tried >= maxTransactionAttempts) throw error
        // other processes retry too, and must not meet again: a random pause, longer each time
        await delay(clock, ids.fraction() * Math.min(2 ** tried, longestPauseMs))
      }
    }
  }

  /** Those that lost go one after another: when all retry at once, 16 creators in one project lose up to 22 times each. */
  let turns: Promise<unknown> = Promise.resolve()
  function inTurn<T>(retry: () => Promise<T>): Promise<T> {
    const turn = turns.then(retry)
    turns = turn.catch(() => undefined)
    return turn
  }

  const outside = (): Kysely<unknown> => {
    assert(!current.getStore(), 'the store was used inside a transaction: use the transaction’s ctx.db')
    return kysely
  }

  const store: Store = {
    dialect: dialectName,
    get store() {
      return store
    },
    get variant() {
      return variant()
    },
    inTransaction: false,
    // as above
    notes: [],
    as: <Tables>() => outside() as unknown as Kysely<Tables>,
    execute: (query) => outside().getExecutor().executeQuery(onItsOwn(query)),
    afterCommit: (fn) => fn(),
    hasChanged: () => false,
    beforeCommit: () => assert(false, 'there is no commit outside a transaction'),
    declareFacts: (tables) => facts.declare(tables),
    typesUsedOnce: () => facts.usedOnce,
    async transaction(work) {
      assert(!current.getStore(), 'a transaction was opened inside a transaction: use ctx.transaction')
      try {
        return await attempt(work)
      } catch (error) {
        if (!isSerializationFailure(error)) throw error
      }
      return inTurn(() => again(work))
    },
    revision: () => commits?.revision() ?? null,
    durable: () => (!commits || commits.isDurable() ? null : commits.durable()),
    close: () => kysely.destroy(),
  }
  return store
}

/** What changes a resource needs a transaction: its line in the timeline is of the same commit. */
function onItsOwn<Row>(query: CompiledQuery<Row>): CompiledQuery<Row> {
  if (isTold(query)) assert(false, `a resource was changed outside of a transaction: ${query.sql}`)
  return query
}

/** True when the error is a broken unique or primary key constraint, in either dialect. */
export function isUniqueViolation(error: unknown): boolean {
  const { code, errcode, message } = error as { code?: string; errcode?: number; message?: string }
  return code === '23505' || errcode === 1555 || errcode === 2067 || /UNIQUE constraint failed/.test(message ?? '')
}

/** True when the database could not write for want of room: SQLITE_FULL, no room for its log's index, PostgreSQL's disk_full. */
export function isStorageFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return errcode === 13 || errcode === 4874 || code === '53100' || code === 'ENOSPC' || code === 'EDQUOT'
}

/** True when a transaction lost against another one; all of it may be tried again. */
export function isSerializationFailure(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && serializationFailures.has(code)
}

export { sql }
