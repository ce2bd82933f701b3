// Servers: look-ups that carry the permission, the checks that every action begins with, and what is changed at once.
// Building, deleting and every longer action stand in files of their own (create/, actions/, …).
import { Address6 } from 'ip-address'
import { isoMillis } from '../../platform/clock.ts'
import { lookup, ofProject } from '../../platform/api/lookup.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { ApiError, conflict, notFound } from '../../platform/errors.ts'
import { eventAppend, type EventResult } from '../../platform/events.ts'
import { defaultZone } from '../hosts/facts.ts'
import { obstacle, serverActions, type ActionRule, type ServerAction } from './states.ts'
import { nextGeneration, serverChange, serverFetch, serverFetchAny, type ServerRow } from './store/servers.ts'

const serverNotFound = (id: string): ApiError => notFound(`Instance ${id} could not be found.`)

const target = (row: ServerRow) => ({ project_id: row.project_id, user_id: row.user_id })

const permission = {
  target,
  /** another project's is not found, whatever one wanted of it */
  knows: ofProject,
  missing: serverNotFound,
}

/** The server, if the operation's rule (or the named one) allows this actor to do that with it. */
export const serverGet = lookup<ServerRow>({ find: (ctx, id) => serverFetch(ctx.db, id), ...permission })

/** The same, also of a deleted server: its timeline outlives it. */
export const serverGetAny = lookup<ServerRow>({ find: (ctx, id) => serverFetchAny(ctx.db, id), ...permission })

/** 409 in Nova's words when the action may not begin. */
export function assertAllowed(ctx: Context, action: ActionRule, server: ServerRow): void {
  if (server.locked_by !== null && !action.ignoresLock && !ctx.allows(target(server), 'context_is_admin'))
    throw conflict(`Instance ${server.id} is locked`)
  const found = obstacle(action, server)
  if (found) throw invalidState(action.word, server.id, found)
}

export function invalidState(word: string, id: string, { attribute, state }: { attribute: string; state: string | null }): ApiError {
  if (state === null && attribute === 'launched_at') return conflict(`Instance ${id} is in an invalid state for '${word}'`)
  return conflict(`Cannot '${word}' instance ${id} while it is in ${attribute} ${state ?? 'None'}`)
}

export interface Begin {
  /** the row's other changes that belong to the intent */
  change?: Partial<ServerRow>
  message?: string
}

/**
 * Begins an action in the transaction that also queues its work: lock and state are checked, the task state is set by
 * compare and set, the guest's generation rises, the timeline gets its line, and abandoned work of the server is forgotten.
 * Returns the row as it is now.
 */
export async function serverBegin(tx: Context, server: ServerRow, action: ServerAction, begin: Begin = {}): Promise<ServerRow> {
  const rule = serverActions[action]
  assertAllowed(tx, rule, server)
  const now = isoMillis(tx.clock.nowMs())
  const change: Partial<ServerRow> = { ...begin.change, updated_at: now, ...defined({ task_state: rule.task }) }
  const expected = { vm_state: server.vm_state, task_state: server.task_state, generation: server.generation }
  if (!(await serverChange(tx.db, server.id, { ...change, ...nextGeneration }, expected))) {
    throw conflict(`Instance ${server.id} was changed by another request; try again.`)
  }
  await tx.work.forget(tx, server.id)
  await serverEvent(tx, server, { action: rule.event, result: 'start', message: begin.message })
  return { ...server, ...change, generation: server.generation + 1 }
}

export interface ServerEvent {
  action: string
  result: EventResult
  event?: string
  message?: string | undefined
  details?: unknown
}

/** A line in a server's timeline. */
export function serverEvent(tx: Context, server: Pick<ServerRow, 'id' | 'project_id' | 'host'>, event: ServerEvent): Promise<void> {
  return eventAppend(tx, {
    resourceType: 'server',
    resourceId: server.id,
    projectId: server.project_id,
    host: server.host,
    action: event.action,
    result: event.result,
    ...defined({ event: event.event, message: event.message, details: event.details }),
  })
}

/** The shortest form of an IPv6 address, as clients compare it. */
export const canonicalIPv6 = (text: string): string => new Address6(text).correctForm()

export interface ServerUpdate {
  name?: string
  description?: string | null
  hostname?: string
  accessIPv4?: string | null
  accessIPv6?: string | null
  diskConfig?: string
  /** the zone that later moves must stay in; null: any */
  pinnedZone?: string | null
}

/** A server is pinned to the zone where it is, or to none: to another one it would have to move. */
function assertMayPin(server: ServerRow, zone: string | null): void {
  if (zone === null || zone === server.pinned_az) return
  if (server.pinned_az !== null)
    throw conflict('Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to null.')
  const current = server.availability_zone ?? defaultZone
  if (zone !== current)
    throw conflict(`Server can only be pinned to its current availability zone '${current}', but '${zone}' was requested.`)
}

/** Changes what is only told, never built: name, description, access addresses. */
export async function serverUpdate(ctx: Context, id: string, wanted: ServerUpdate): Promise<ServerRow> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (wanted.pinnedZone !== undefined) assertMayPin(server, wanted.pinnedZone)
    const change: Partial<ServerRow> = {
      updated_at: isoMillis(tx.clock.nowMs()),
      ...defined({
        name: wanted.name,
        description: wanted.description,
        hostname: wanted.hostname,
        access_ip_v4: wanted.accessIPv4,
        access_ip_v6: wanted.accessIPv6,
        disk_config: wanted.diskConfig,
        pinned_az: wanted.pinnedZone,
      }),
    }
    if (!(await serverChange(tx.db, id, change))) throw serverNotFound(id)
    await serverEvent(tx, server, { action: 'update', result: 'success' })
    return { ...server, ...change }
  })
}
