// Reads a table by pages of its id, so that a check of any table costs the same memory.
const pageRows = 500

/** Pages of rows, in the order of their ids. */
export async function* pages<Row>(
  fetch: (after: string, limit: number) => Promise<Row[]>,
  id: (row: Row) => string,
): AsyncGenerator<Row[]> {
  for (let after = ''; ;) {
    const rows = await fetch(after, pageRows)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    if (rows.length < pageRows) return
    after = id(last)
  }
}
