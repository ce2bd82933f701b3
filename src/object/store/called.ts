// Containers and objects by what operators call them. For people who look: a name is looked for in every container.
import { sql, type Db } from '../../platform/store/store.ts'
import type { Called } from '../../platform/store/called.ts'

/** as many of one type as a person still reads */
const most = 20

interface Found {
  account: string
  container: string
  object: string | null
}

export const accountIs = async (db: Db, account: string): Promise<boolean> =>
  (await sql`select account from accounts where account = ${account}`.execute(db.as())).rows.length > 0

export async function containersNamed(db: Db, name: string): Promise<Called[]> {
  const { rows } = await sql<Found>`
    select account, name as container, null as object from containers
    where name = ${name} order by account limit ${most}`.execute(db.as())
  return rows.map(called)
}

/** In containers of this name, or in all. */
export async function objectsNamed(db: Db, name: string, container?: string): Promise<Called[]> {
  const { rows } = await sql<Found>`
    select containers.account, containers.name as container, objects.name as object
    from containers join objects on objects.container_id = containers.id and objects.name = ${name}
    ${container === undefined ? sql`` : sql`where containers.name = ${container}`} order by containers.account, containers.name limit ${most}`.execute(
    db.as(),
  )
  return rows.map(called)
}

/** The timeline has lines of it. */
export const isTold = async (db: Db, id: string): Promise<boolean> =>
  (await sql`select seq from events where resource_id = ${id} limit 1`.execute(db.as())).rows.length > 0

function called({ account, container, object }: Found): Called {
  const id = [account, container, ...(object === null ? [] : [object])].join('/')
  return { type: object === null ? 'container' : 'object', id, name: object ?? container, projectId: projectOf(account) }
}

/** whose account it is */
export const projectOf = (account: string): string => account.replace(/^SERVICE_/, '')
