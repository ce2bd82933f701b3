// What must be so once the world has healed: nothing is under way for ever, what was acknowledged is there, what was
// deleted is gone, what failed says why; and when all is deleted, nothing is left, in rows or on machines.
import { fsck } from '../../src/platform/fsck/fsck.ts'
import { checks } from '../../src/server/domains.ts'
import type { SimulatedDatabase } from './database.ts'
import type { Ledger, Thing } from './ledger.ts'
import { verifyUsage } from './usage.ts'
import { sweepObjects, verifyObjects } from './verify-objects.ts'
import type { World } from './world.ts'

const hourMs = 3_600_000
/** in a world that is well: a shelving has two hours, and one more to be undone; a deletion, tried for a day, ends at its next try */
const longestWorkMs = 4 * hourMs
const stepMs = 2_000
/** two rounds of everything that looks around by itself */
const lookAroundMs = 130_000
/** the bytes of an object wait so long for those who began to read them, and for the next round then */
const garbageMs = 60_000

interface Item {
  name: string
  resource_id: string
  state: string
  reason: string | null
}

const sagas = (world: World) => world.database.rows<Item>("select name, resource_id, state, reason from work_items where kind = 'saga'")

/** Lets time pass until nothing is under way any more, and whoever looks around has looked. */
export async function settle(world: World, idle: () => boolean): Promise<void> {
  await ended(world, idle)
  await world.pass(lookAroundMs)
}

/** Lets time pass until nothing is under way any more. */
async function ended(world: World, idle: () => boolean): Promise<void> {
  const limitMs = world.scheduler.nowMs + longestWorkMs
  while (!idle() || sagas(world).some(({ state }) => state !== 'dead')) {
    if (world.scheduler.nowMs > limitMs) {
      for (const { name, resource_id, state, reason } of sagas(world))
        world.violation(`${name} of ${resource_id} never ended: ${state}, ${reason ?? 'no reason'}`)
      if (!idle()) world.violation('a client still waits')
      return
    }
    await world.pass(stepMs)
  }
}

const paths: Record<Thing['kind'], string> = {
  server: '/compute/v2.1/servers',
  volume: '/volume/v3/volumes',
  snapshot: '/volume/v3/snapshots',
  image: '/image/v2/images',
  port: '/network/v2.0/ports',
  floatingip: '/network/v2.0/floatingips',
  network: '/network/v2.0/networks',
  security_group: '/network/v2.0/security-groups',
}

export async function verifyAtRest(world: World, ledger: Ledger): Promise<void> {
  for (const { name, resource_id, reason } of sagas(world)) {
    // who is overtaken leaves it to the other; nothing is abandoned for that
    if (!saysWhy(world, resource_id) || reason?.includes('was overtaken')) world.violation(`${name} of ${resource_id} is dead: ${reason}`)
  }
  restingStates(world)
  await agrees(world)
  await verifyUsage(world)
  for (const thing of ledger.things) await verifyThing(world, thing)
  await verifyObjects(world, ledger)
}

/** The product's own comparison of rows with machines and with each other, made twice as when an operator asks. */
async function agrees(world: World): Promise<void> {
  const cloud = world.controls.find(({ isUp }) => isUp)?.cloud
  if (!cloud) return world.violation('no control process is up')
  const { differences, unchecked } = await world.drive(fsck(cloud.systemContext(), checks))
  const givenUp = new Set(sagas(world).map(({ resource_id }) => resource_id))
  for (const { check, resourceType, resourceId, host, message, cause } of differences) {
    // a guest whose fate it is to refuse: the observer has asked it
    if (givenUp.has(resourceId) || (check === 'guest-devices' && cause?.startsWith('mend failed'))) continue
    // dead work is looked at above
    if (check !== 'work')
      world.violation(`fsck (${check}): ${resourceType} ${resourceId}${host === null ? '' : ` on ${host}`}: ${message}; ${cause}`)
  }
  for (const { check, host, reason } of unchecked) world.violation(`fsck (${check}): ${host} cannot be looked at: ${reason}`)
}

/** What could not be undone is left to a person, and its resource says so. */
function saysWhy(world: World, id: string): boolean {
  const [server] = world.database.rows<{ fault: string | null }>('select fault from servers where id = ?', id)
  const [volume] = world.database.rows<{ status: string; reason: string | null }>('select status, reason from volumes where id = ?', id)
  return server ? server.fault !== null : volume !== undefined && volume.status.startsWith('error') && volume.reason !== null
}

async function verifyThing(world: World, { kind, id, tenant, name, deletion }: Thing): Promise<void> {
  const answer = await world.drive(world.client(`member@${tenant}`).call('GET', `${paths[kind]}/${id}`))
  if (answer.status !== 200 && answer.status !== 404) return world.violation(`GET of ${kind} ${id}: ${answer.status}`)
  const shown = answer.status === 404 ? null : (answer.body[kind] ?? answer.body)
  if (deletion === 'none' && shown === null) world.violation(`the ${kind} ${id} was acknowledged, and is gone`)
  // a volume may be refused for good; a server's deletion goes on until it is done
  const failed = kind !== 'server' && shown !== null && /error/i.test(String(shown.status))
  if (deletion === 'acknowledged' && shown !== null && !failed)
    world.violation(`the deletion of the ${kind} ${id} was acknowledged, and it is there (${shown.status})`)
  if (shown !== null && name !== null && shown.name !== name) world.violation(`the ${kind} ${id} was named ${name}, and is ${shown.name}`)
  if (kind === 'server' && shown?.status === 'ERROR' && !shown.fault?.message)
    world.violation(`the server ${id} is in ERROR and does not say why`)
}

/** Rows that rest in a state that promises to end. */
const transitions = [
  {
    what: 'server',
    sql: "select id, vm_state || '/' || coalesce(task_state, '') as state from servers where deleted = 0 and (task_state is not null or vm_state = 'building')",
  },
  {
    what: 'volume',
    sql: "select id, status as state from volumes where status not in ('available', 'in-use', 'reserved', 'error', 'error_deleting', 'error_extending', 'error_restoring')",
  },
  {
    what: 'snapshot',
    sql: "select id, status as state from volume_snapshots where status not in ('available', 'error', 'error_deleting')",
  },
  { what: 'image', sql: "select id, status as state from images where status in ('saving', 'importing')" },
  {
    what: 'migration',
    sql: "select id, status as state from server_migrations where status not in ('finished', 'confirmed', 'reverted', 'error', 'failed', 'completed')",
  },
]

/** A server that was never built, or not to the end, holds nothing. */
const homeless = `with homeless as (select id from servers where deleted = 0 and vm_state = 'error' and host is null)
  select 'port ' || id as what, server_id from ports where server_id in (select id from homeless)
  union all select 'device ' || id, server_id from server_devices where server_id in (select id from homeless)
  union all select 'port ' || id || ' (network)', device_id from ports where device_id in (select id from homeless)`

function restingStates(world: World): void {
  for (const { what, server_id } of world.database.rows<{ what: string; server_id: string }>(homeless))
    world.violation(`the server ${server_id} was not built, and holds the ${what}`)
  for (const { what, sql } of transitions) {
    for (const { id, state } of world.database.rows<{ id: string; state: string }>(sql))
      world.violation(`the ${what} ${id} rests in ${state}, and nobody works on it`)
  }
}

/** An administrator deletes everything that tenants have made. */
export async function sweep(world: World): Promise<void> {
  const admin = world.client('admin@ops')
  const removeAll = async (sql: string, path: string) => {
    for (const { id } of world.database.rows<{ id: string }>(sql)) {
      const answer = await world.drive(admin.call('DELETE', `${path}/${id}`))
      if (answer.status >= 300 && answer.status !== 404)
        world.violation(`sweeping: DELETE ${path}/${id} answered ${answer.status}: ${answer.text}`)
    }
    await ended(world, () => true)
  }
  await sweepObjects(world)
  await removeAll('select id from servers where deleted = 0', paths.server)
  await removeAll('select id from floating_ips', paths.floatingip)
  await removeAll("select id from ports where device_owner = ''", paths.port)
  await removeAll('select id from volume_snapshots', paths.snapshot)
  await removeAll('select id from volumes', paths.volume)
  await removeAll("select id from images where name <> 'base'", paths.image)
  await removeAll("select id from networks where name like 'ask%'", paths.network)
  await removeAll("select id from security_groups where name like 'ask%'", paths.security_group)
  await world.pass(garbageMs)
}

/** Tables that only grow, or that remember what once was. */
const history =
  /^(events|counters|kysely_.*|settings|compute_numbers|server_migrations|host_networks|sqlite_.*|console_tokens|work_items|volume_messages|image_tasks|instance_.*|accounts|transfers|marks|claims)$/

function rowsHeld(database: SimulatedDatabase): string[] {
  const tables = database.rows<{ name: string }>("select name from sqlite_master where type = 'table' order by name")
  return tables
    .filter(({ name }) => !history.test(name))
    .map(({ name }) => {
      const columns = database.rows<{ name: string }>(`select name from pragma_table_info('${name}')`).map((column) => column.name)
      const alive = columns.includes('deleted_at') ? 'where deleted_at is null' : columns.includes('deleted') ? 'where deleted = 0' : ''
      return `${database.rows<{ n: number }>(`select count(*) as n from "${name}" ${alive}`)[0]?.n} rows in ${name}`
    })
}

/** What a cloud holds: rows by table, image files, and things on machines. */
export function holdings(world: World): string[] {
  return [
    ...world.databases.flatMap(rowsHeld),
    ...[...world.files.keys()].map((file) => `image file ${file}`),
    ...[...world.blobs.files.keys()].map((file) => `blob ${file}`),
    ...world.machines.flatMap((machine) => machine.holdings()),
  ]
}

export function verifyClean(world: World, before: string[]): void {
  const [had, has] = [new Set(before), new Set(holdings(world))]
  for (const each of has) if (!had.has(each)) world.violation(`after all was deleted there is: ${each}`)
  for (const each of had) if (!has.has(each)) world.violation(`after all was deleted there is no more: ${each}`)
}
