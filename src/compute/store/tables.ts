// The tables of compute, as Kysely sees them: one line a table, each row type in its resource's file.
import type { KeypairRow } from './keypairs.ts'

export interface ComputeTables {
  keypairs: KeypairRow
}
