// The root disk of a server that lives is nowhere but on its host, or in the image that it was shelved in: whoever takes it
// off the host before that image is there has lost a user's data, and no row tells of it.
import type { SimulatedDatabase } from './database.ts'

interface Row {
  host: string | null
  vm_state: string
  task_state: string | null
  kept: number
}

const serverOf = `select host, vm_state, task_state, exists (select 1 from images where images.id = shelved_image_id and status = 'active') as kept
  from servers where id = ? and deleted = 0 and launched_at is not null and image_id <> ''`

/** Whether a machine that has just removed a guest had the only disk of its server; deletions may, and what failed is told. */
export function isOnlyDisk(database: SimulatedDatabase, machine: string, server: string): boolean {
  const [row] = database.rows<Row>(serverOf, server)
  return row !== undefined && row.host === machine && row.kept === 0 && row.task_state !== 'deleting' && row.vm_state !== 'error'
}
