// Lists of servers: who may filter by what, in which microversion, and what each filter means. What the database
// cannot answer (patterns, addresses) is answered here, page by page, within bounds.
import { portsOfServers } from '../../network/index.ts'
import { momentsOf } from '../../platform/api/shown-time.ts'
import { Budget } from '../../platform/budget.ts'
import { lenientBoolean, strictBoolean, unrecognized } from '../../platform/api/words.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { ApiError, badRequest } from '../../platform/errors.ts'
import { compilePattern, PatternError, type Pattern } from '../../platform/pattern.ts'
import { wordsOf } from '../../platform/words-of.ts'
import { table } from '../../platform/table.ts'
import { statesOfStatus } from './states.ts'
import { serversPage, type ListedServer, type ServerFilter, type ServerSort } from './store/list.ts'
import { serverFetchAny, type ServerRow } from './store/servers.ts'

/** The query, each name with all its values. */
export type ListQuery = Record<string, string[]>

export interface ServerListing {
  rows: ListedServer[]
  limit: number
  /** a page that is not full though more may follow: all rows that may be looked at for one page were, up to this one */
  next?: string | undefined
}

/** filters for everybody, with the microversion that brought them */
const broughtBy = {
  '2.1': 'reservation_id name status image flavor ip changes-since all_tenants',
  '2.5': 'ip6',
  '2.26': 'tags tags-any not-tags not-tags-any',
  '2.66': 'changes-before',
  '2.73': 'locked',
  '2.83': 'availability_zone config_drive key_name created_at launched_at terminated_at power_state task_state vm_state progress user_id',
  '2.90': 'hostname',
}
const openFilters: Record<string, string> = table(
  Object.fromEntries(Object.entries(broughtBy).flatMap(([version, names]) => wordsOf(names).map((name) => [name, version]))),
)
const joined = new Set(['block_device_mapping', 'services', 'metadata', 'system_metadata', 'info_cache', 'security_groups', 'pci_devices'])
/** filter → column, compared as a whole */
const exact: Record<string, keyof ServerRow> = table({
  project_id: 'project_id',
  tenant_id: 'project_id',
  user_id: 'user_id',
  image: 'image_id',
  image_ref: 'image_id',
  flavor: 'flavor_id',
  uuid: 'id',
  host: 'host',
  node: 'node',
  task_state: 'task_state',
  launch_index: 'launch_index',
  power_state: 'power_state',
  progress: 'progress',
  reservation_id: 'reservation_id',
})
/** filter → column, matched as a pattern */
const patterns: Record<string, keyof ListedServer> = table({
  name: 'name',
  display_name: 'name',
  description: 'description',
  display_description: 'description',
  hostname: 'hostname',
  key_name: 'key_name',
  availability_zone: 'availability_zone',
  locked_by: 'locked_by',
  root_device_name: 'root_device',
  access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6',
  created_at: 'created_at',
  launched_at: 'launched_at',
  terminated_at: 'terminated_at',
})
const sortColumns: Record<string, keyof ListedServer> = table({
  access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6',
  auto_disk_config: 'disk_config',
  availability_zone: 'availability_zone',
  config_drive: 'config_drive',
  created_at: 'created_at',
  display_description: 'description',
  display_name: 'name',
  host: 'host',
  hostname: 'hostname',
  image_ref: 'image_id',
  instance_type_id: 'flavor_id',
  key_name: 'key_name',
  launch_index: 'launch_index',
  launched_at: 'launched_at',
  locked: 'locked_by',
  locked_by: 'locked_by',
  node: 'node',
  power_state: 'power_state',
  progress: 'progress',
  project_id: 'project_id',
  root_device_name: 'root_device',
  task_state: 'task_state',
  terminated_at: 'terminated_at',
  updated_at: 'updated_at',
  user_id: 'user_id',
  uuid: 'id',
  vm_state: 'vm_state',
})
/** rows looked at for one page, when a filter must be answered row by row */
const maxScanned = 10_000

/** One page; the operation's rule is asked, and the one for all projects when all are wanted. */
export async function serverList(ctx: Context, query: ListQuery, detailed: boolean): Promise<ServerListing> {
  ctx.authorize()
  const asked = permitted(ctx, query)
  const first = (name: string) => asked[name]?.[0]
  const everyProject = allTenants(first('all_tenants'))
  if (everyProject) ctx.authorize(undefined, `os_compute_api:servers:${detailed ? 'detail' : 'index'}:get_all_tenants`)
  const limit = pageSize(ctx, first('limit') ?? query['limit']?.[0])
  const sorts = sortsOf(ctx, query)
  const filter = filterOf(ctx, asked, everyProject)
  const marker = query['marker']?.[0]
  const after = marker === undefined ? undefined : await serverFetchAny(ctx.db, marker)
  if (marker !== undefined && (!after || (!everyProject && after.project_id !== ctx.actor.projectId)))
    throw badRequest(`marker [${marker}] not found`)
  if (filter === null || limit === 0) return { rows: [], limit }
  const rowFilter = perRow(asked)
  if (!rowFilter) return { rows: await serversPage(ctx.db, filter, { sorts, limit, after }), limit }
  return { ...(await scan(ctx, { filter, sorts, limit, after, rowFilter })), limit }
}

function pageSize(ctx: Context, asked: string | undefined): number {
  if (asked === undefined) return ctx.config.maxPageSize
  if (!/^\d{1,9}$/.test(asked))
    throw badRequest(`Invalid input for query parameters limit. Value: ${asked}. '${asked}' does not match '^[0-9]*$'`)
  return Math.min(Number(asked), ctx.config.maxPageSize)
}

/** Everybody's filters only, unless the policy allows all; names that were never filters are refused. */
function permitted(ctx: Context, query: ListQuery): ListQuery {
  const all = ctx.allows(undefined, 'os_compute_api:servers:allow_all_filters')
  const kept: ListQuery = table()
  for (const [name, values] of Object.entries(query)) {
    if (['limit', 'marker', 'page_size', 'sort_key', 'sort_dir'].includes(name)) continue
    const since = openFilters[name]
    const known = since !== undefined && ctx.microversion.atLeast(since)
    if (!all && !known) continue
    if (joined.has(name) || name.startsWith('_')) throw badRequest(`Invalid filter field: ${name}.`)
    kept[name] = name.endsWith('_at') ? values.map(asStored) : values
  }
  return kept
}

/** The word alone means yes. */
const allTenants = (value: string | undefined): boolean => value !== undefined && (value === '' || strictBoolean(value, invalidInput))

const invalidInput = (value: unknown): string => `Invalid input received: ${unrecognized(value)}`

/** null: nothing can be found. */
function filterOf(ctx: Context, asked: ListQuery, everyProject: boolean): ServerFilter | null {
  const first = (name: string) => asked[name]?.[0]
  const list = (name: string) => (ctx.microversion.atLeast('2.26') ? (first(name)?.split(',') ?? []) : [])
  const filter: ServerFilter = {
    equals: {},
    contains: {},
    tags: { all: list('tags'), any: list('tags-any'), notAll: list('not-tags'), notAny: list('not-tags-any') },
  }
  for (const [name, column] of Object.entries(exact)) {
    const value = first(name)
    if (value !== undefined)
      filter.equals[column] = ['launch_index', 'power_state', 'progress'].includes(column) ? Number(value) || 0 : value
  }
  for (const [name, column] of Object.entries(patterns)) {
    const value = first(name)
    if (value !== undefined && isPlain(value)) filter.contains[column] = value
  }
  if (!everyProject) {
    if (ctx.actor.projectId === null) filter.equals['user_id'] = ctx.actor.userId
    else filter.equals['project_id'] = ctx.actor.projectId
  }
  const uuids = asked['uuid']
  if (uuids && uuids.length > 1) {
    delete filter.equals['id']
    filter.ids = uuids
  }
  if (first('config_drive') !== undefined) filter.equals['config_drive'] = lenientBoolean(first('config_drive')) ? 1 : 0
  if (first('locked') !== undefined && ctx.microversion.atLeast('2.73')) filter.locked = strictBoolean(first('locked'), invalidInput)
  return timeAndState(ctx, asked, filter)
}

/** A time as answers show it, as the row has it: without zone, and with milliseconds at most. */
const asStored = (time: string): string =>
  time
    .replace(/Z$/i, '')
    .replace(/(\.\d{3})\d{3}$/, '$1')
    .replace(' ', 'T')

function timeAndState(ctx: Context, asked: ListQuery, filter: ServerFilter): ServerFilter | null {
  const since = timeOf(asked, 'changes-since')?.first
  const before = timeOf(asked, 'changes-before')?.last
  if (since !== undefined && before !== undefined && before < since)
    throw badRequest('The value of changes-since must be less than or equal to changes-before.')
  filter.changesSince = since
  filter.changesBefore = before
  if (asked['deleted']) filter.deleted = lenientBoolean(asked['deleted'][0])
  else if (since === undefined && before === undefined) filter.deleted = false
  if (asked['vm_state']) filter.vmStates = asked['vm_state']
  const statuses = asked['status']
  if (statuses) {
    const states = statesOfStatus(statuses)
    if (!states) {
      if (ctx.microversion.atLeast('2.38')) throw badRequest('Invalid status value')
      return null
    }
    filter.vmStates = states.vmStates
    if (states.taskStates) filter.taskStates = states.taskStates
    if (states.vmStates.length === 1 && states.vmStates[0] === 'deleted') {
      if (!ctx.allows({}, 'context_is_admin')) throw new ApiError('forbidden', 'Only administrators may list deleted instances')
      filter.deleted = true
    }
  }
  return filter
}

function timeOf(asked: ListQuery, name: string): { first: string; last: string } | undefined {
  const text = asked[name]?.[0]
  if (text === undefined) return undefined
  const moments = momentsOf(text)
  if (!moments) throw badRequest(`Invalid filter field: ${name}.`)
  return { first: isoMillis(moments.firstMs), last: isoMillis(moments.lastMs) }
}

function sortsOf(ctx: Context, query: ListQuery): ServerSort[] {
  const directions = (query['sort_dir'] ?? []).map((text) => text.trim())
  const keys = (query['sort_key'] ?? []).map((text) => text.trim())
  for (const direction of directions)
    if (direction !== 'asc' && direction !== 'desc')
      throw badRequest(`Invalid input received: Unknown sort direction, must be 'desc' or 'asc'`)
  const common = (directions[0] ?? 'desc') as 'asc' | 'desc'
  const sorts: ServerSort[] = []
  for (const [index, key] of keys.entries()) {
    if ((key === 'host' || key === 'node') && !ctx.allows({}, 'context_is_admin'))
      throw new ApiError('forbidden', `Only administrators can sort servers by ${key}`)
    const column = key === 'locked' && !ctx.microversion.atLeast('2.73') ? undefined : sortColumns[key]
    if (column) sorts.push({ column, direction: (directions[index] ?? common) as 'asc' | 'desc' })
  }
  for (const column of ['created_at', 'id'] as const)
    if (!sorts.some((sort) => sort.column === column)) sorts.push({ column, direction: common })
  return sorts
}

const isPlain = (text: string) => /^[\w\- :@/]*$/.test(text)

interface RowFilter {
  columns: { column: keyof ListedServer; pattern: Pattern }[]
  addresses: { version: 4 | 6; pattern: Pattern }[]
}

/** What must be asked of every row; null: nothing. */
function perRow(asked: ListQuery): RowFilter | null {
  const columns = Object.entries(patterns).flatMap(([name, column]) => {
    const value = asked[name]?.[0]
    return value === undefined || isPlain(value) ? [] : [{ column, pattern: patternOf(name, value) }]
  })
  const addresses = (['ip', 'ip6'] as const).flatMap((name) => {
    const value = asked[name]?.[0]
    return value === undefined ? [] : [{ version: name === 'ip' ? (4 as const) : (6 as const), pattern: patternOf(name, `^(?:${value})`) }]
  })
  return columns.length + addresses.length > 0 ? { columns, addresses } : null
}

export function patternOf(name: string, value: string): Pattern {
  try {
    return compilePattern(value, { ignoreCase: true })
  } catch (error) {
    if (error instanceof PatternError)
      throw badRequest(`Invalid input for query parameters ${name}. Value: ${value}. '${value}' is not a 'regex'`, { cause: error })
    throw error
  }
}

interface Scan {
  filter: ServerFilter
  sorts: ServerSort[]
  limit: number
  after: ListedServer | undefined
  rowFilter: RowFilter
}

/** Batch by batch; after so many rows the page ends, and says where the next one begins. */
async function scan(
  ctx: Context,
  { filter, sorts, limit, after, rowFilter }: Scan,
): Promise<{ rows: ListedServer[]; next?: string | undefined }> {
  const rows: ListedServer[] = []
  const budget = new Budget()
  let from: ListedServer | undefined = after
  for (let scanned = 0; scanned < maxScanned;) {
    const batch = await serversPage(ctx.db, filter, { sorts, limit: 500, after: from })
    const ports =
      rowFilter.addresses.length > 0
        ? await portsOfServers(
            ctx,
            batch.map(({ id }) => id),
          )
        : new Map()
    for (const row of batch) {
      const addresses: string[] = (ports.get(row.id) ?? []).flatMap((port: { fixedIps: { ipAddress: string }[] }) =>
        port.fixedIps.map(({ ipAddress }) => ipAddress),
      )
      await budget.take(costOf(rowFilter, row, addresses))
      if (fits(rowFilter, row, addresses) && rows.push(row) === limit) return { rows }
    }
    scanned += batch.length
    from = batch.at(-1)
    if (batch.length < 500) return { rows }
  }
  return { rows, next: from?.id }
}

function fits({ columns, addresses: wanted }: RowFilter, row: ListedServer, addresses: string[]): boolean {
  const byColumns = columns.every(({ column, pattern }) => pattern.matches(String(row[column] ?? '')))
  return (
    byColumns &&
    wanted.every(({ version, pattern }) =>
      addresses.some((address) => address.includes(':') === (version === 6) && pattern.matches(address)),
    )
  )
}

/** At most so many steps of the engine. */
function costOf({ columns, addresses: wanted }: RowFilter, row: ListedServer, addresses: string[]): number {
  let cost = 1
  for (const { column, pattern } of columns) cost += pattern.stepsPerCharacter * String(row[column] ?? '').length
  for (const { pattern } of wanted) for (const address of addresses) cost += pattern.stepsPerCharacter * address.length
  return cost
}
