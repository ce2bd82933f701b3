// A dialect of Kysely's whose queries are compiled by somebody else.
import type { CompiledQuery, Dialect, QueryId, RootOperationNode } from 'kysely'

export const withCompiler = (dialect: Dialect, compileQuery: (node: RootOperationNode, id: QueryId) => CompiledQuery): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createDriver: () => dialect.createDriver(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => ({ compileQuery: compileQuery as never }),
})
