// SQL of servers: the row, its look-up, its compare-and-set change. Lists stand in list.ts. Rows of one cell's
// servers only: no query here joins a table that is global (flavors, keypairs), so that a cell can have its own store.
import type { UpdateResult } from 'kysely'
import { idList, idsIn, inList } from '../../../platform/store/ids-in.ts'
import { rows } from '../../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../../platform/store/statement.ts'
import { sql, type Db } from '../../../platform/store/store.ts'
import { computeTables as q, type ComputeTables } from '../../store/tables.ts'

export interface ServerRow {
  id: string
  project_id: string
  user_id: string
  name: string
  hostname: string
  description: string | null
  vm_state: string
  task_state: string | null
  power_state: number
  progress: number
  /** '' when the root disk is a volume */
  image_id: string
  /** what the root disk stands on: image_id, or the image that it was shelved to */
  root_image_id: string
  /** as they were when it was built */
  image_properties: Record<string, string>
  flavor_id: string
  /** as it was */
  flavor: ServerFlavor
  vcpus: number
  ram_mib: number
  host: string | null
  node: string | null
  /** of the host */
  availability_zone: string | null
  /** that the user asked for */
  pinned_az: string | null
  key_name: string | null
  key_data: string | null
  user_data: string | null
  personality: InjectedFile[] | null
  config_drive: boolean
  disk_config: string
  access_ip_v4: string | null
  access_ip_v6: string | null
  metadata: Record<string, string>
  /** os:scheduler_hints, kept for the next time it is scheduled */
  hints: Record<string, unknown>
  group_id: string | null
  locked_by: string | null
  locked_reason: string | null
  reservation_id: string
  launch_index: number
  root_device: string | null
  password: string
  rescue_image_id: string | null
  /** an image that a saga is making; cancelling that saga removes it */
  pending_image_id: string | null
  shelved_image_id: string | null
  /** what a revert goes back to (resize), or where unrescue goes */
  before: Before | null
  fault: Fault | null
  /** of the guest's spec */
  generation: number
  /** rises when the root disk must be made anew */
  root_epoch: number
  created_at: string
  updated_at: string
  launched_at: string | null
  terminated_at: string | null
  deleted: boolean
}

/** The flavor as the server got it: later changes of the flavor do not touch it. */
export interface ServerFlavor {
  id: string
  name: string
  vcpus: number
  ramMib: number
  rootGib: number
  ephemeralGib: number
  swapMib: number
  rxtxFactor: number
  extraSpecs: Record<string, string>
}

/** A file that a request put into the guest's disk; its contents in base64. */
export interface InjectedFile {
  path: string
  contents: string
}

/** What the end of a resize goes back to. */
export interface Before {
  vmState: string
  /** rows and work of earlier versions have it as JSON text */
  flavor: ServerFlavor | string
  flavorId: string
  host: string | null
  migrationId: string
}

export const flavorBefore = ({ flavor }: Before): ServerFlavor =>
  typeof flavor === 'string' ? (JSON.parse(flavor) as ServerFlavor) : flavor

export interface Fault {
  code: number
  message: string
  created: string
  details?: string
}
const servers = rows<ComputeTables['servers']>('servers')

const fetchOne = statement<ComputeTables, { id: string }, ServerRow>((from, { id }) =>
  from.selectFrom('servers').selectAll().where('id', '=', id).where('deleted', '=', false),
)
/** A server that is not deleted. */
export const serverFetch = (db: Db, id: string) => fetchOne.first(db, { id })

/** Also a deleted one. */
export const serverFetchAny = servers.fetch

export const serversFetch = (db: Db, ids: string[]) =>
  q(db)
    .selectFrom('servers')
    .selectAll()
    .where(idsIn(db, 'id', ids))
    .where('deleted', '=', false)
    .execute()

export const serverInsert = servers.insert

/** What a change expects of the row: nothing happens when it is otherwise. */
export interface Expected {
  vm_state?: string
  task_state?: string | null
  generation?: number
}

export type ServerChange = Partial<ServerRow> & { isNextGeneration?: true }

/** The next generation of the guest's spec, as a change. */
export const nextGeneration: ServerChange = { isNextGeneration: true }

const update = shapedStatement<ComputeTables, { id: string; change: ServerChange; expected: Expected; isIdle: boolean }, UpdateResult>(
  (from, { id, change, expected, isIdle }) => {
    const { isNextGeneration, ...columns } = change
    let query = from
      .updateTable('servers')
      .set({ ...columns, ...(isNextGeneration && { generation: sql`generation + 1` }) })
      .where('id', '=', id)
      .where('deleted', '=', false)
    if (expected.vm_state !== undefined) query = query.where('vm_state', '=', expected.vm_state)
    if (expected.generation !== undefined) query = query.where('generation', '=', expected.generation)
    if (isIdle) return query.where('task_state', 'is', null)
    return expected.task_state === undefined ? query : query.where('task_state', '=', expected.task_state)
  },
)

/** Compare and set; false when the row is gone or was not as expected. */
export const serverChange = async (db: Db, id: string, change: ServerChange, expected: Expected = {}): Promise<boolean> =>
  (await update.change(db, { id, change, expected, isIdle: expected.task_state === null })) === 1

interface Usage {
  instances: number
  cores: number | null
  ram: number | null
}

const usage = shapedStatement<ComputeTables, { projectId: string; userId?: string }, Usage>((from, { projectId, userId }) => {
  const query = from
    .selectFrom('servers')
    .select((e) => [
      e.fn.countAll<number>().as('instances'),
      e.fn.sum<number | null>('vcpus').as('cores'),
      e.fn.sum<number | null>('ram_mib').as('ram'),
    ])
    .where('project_id', '=', projectId)
    .where('deleted', '=', false)
  return userId === undefined ? query : query.where('user_id', '=', userId)
})

/** What a project uses, or one user of it: counted from rows, in the transaction that adds one. */
export async function serversUsage(
  db: Db,
  of: { projectId: string; userId?: string },
): Promise<{ instances: number; cores: number; ram: number }> {
  const { instances, cores, ram } = await usage.one(db, of)
  return { instances: Number(instances), cores: Number(cores ?? 0), ram: Number(ram ?? 0) }
}

type OnHost = Pick<ServerRow, 'id' | 'host' | 'vm_state' | 'task_state' | 'power_state' | 'generation' | 'project_id' | 'before'>

const onHosts = statement<ComputeTables, { list: string }, OnHost>((from, { list }, db) =>
  from
    .selectFrom('servers')
    .select(['id', 'host', 'vm_state', 'task_state', 'power_state', 'generation', 'project_id', 'before'])
    .where(inList(db, 'host', list))
    .where('deleted', '=', false),
)

/** What a host should hold, and what is needed to compare it with what it does hold. */
export const serversOfHosts = (db: Db, hosts: readonly string[]) => onHosts.rows(db, { list: idList(hosts) })
