// Counts, over all rows, what each container holds and how many rows name each blob. It takes its time, and rows change meanwhile: what seems
// to differ is only worth a second look.
import type { Store } from '../../platform/store/store.ts'
import { namingAfter, namingTables, type NamingRow } from '../store/recount.ts'
import type { Counters } from '../store/tables.ts'

const page = 1_000

export interface Recount {
  /** by container; part_bytes are not among them */
  containers: Map<string, Omit<Counters, 'part_bytes'>>
  /** by blob */
  references: Map<string, number>
}

/** Of blobs only those whose ids begin so: all of a large store do not fit into memory. */
export async function recount(store: Store, prefix: string): Promise<Recount> {
  const counted: Recount = { containers: new Map(), references: new Map() }
  for (const table of namingTables) {
    for (let after: NamingRow | null = null; ;) {
      const rows: NamingRow[] = await namingAfter(store, table, after, page)
      for (const row of rows) add(counted, table === 'objects' ? 'object' : 'version', row, prefix)
      after = rows.at(-1) ?? null
      if (rows.length < page) break
    }
  }
  return counted
}

function add({ containers, references }: Recount, what: 'object' | 'version', row: NamingRow, prefix: string): void {
  const { blob_id: id, container_id: container, counted } = row
  if (id?.startsWith(prefix)) references.set(id, (references.get(id) ?? 0) + 1)
  if (container === undefined || counted === undefined) return
  let known = containers.get(container)
  if (!known) containers.set(container, (known = { object_count: 0, bytes_used: 0, version_count: 0, version_bytes: 0 }))
  if (what === 'object') {
    known.object_count += 1
    known.bytes_used += Number(counted)
  } else {
    known.version_count += 1
    known.version_bytes += Number(counted)
  }
}
