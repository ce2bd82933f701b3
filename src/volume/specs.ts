// Specs of types: texts by key, where null in a change takes a key away.
import { table } from '../platform/table.ts'

export const specsMerged = (known: Record<string, string>, change: Record<string, string | null>): Record<string, string> =>
  table(Object.fromEntries(Object.entries({ ...known, ...change }).filter((entry): entry is [string, string] => entry[1] !== null)))
