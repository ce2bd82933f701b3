// Locks, and what administrators do with servers: reset the state, move them. With disks that no hosts share, moving
// ends in "no valid host" until a later version.
import { isoMillis } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest, conflict } from '../../../platform/errors.ts'
import { capabilitiesOf, hostFacts } from '../../hosts/facts.ts'
import { noHostText } from '../../scheduling/scheduler.ts'
import { refuse } from './resize.ts'
import { hostByName } from '../../scheduling/placing.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverEvent, serverGet } from '../servers.ts'
import { faultOf } from '../faults.ts'
import { serverChange, type ServerRow } from '../store/servers.ts'

const lockerOf = (ctx: Context, server: ServerRow) => (server.project_id === ctx.actor.projectId ? 'owner' : 'admin')

export async function serverLock(ctx: Context, id: string, reason: string | null): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    await serverChange(tx.db, id, { locked_by: lockerOf(tx, server), locked_reason: reason, updated_at: isoMillis(tx.clock.nowMs()) })
    await serverEvent(tx, server, { action: 'lock', result: 'success' })
  })
}

/** The side that locked it, owner or admin, may unlock it; the other needs the policy's leave. */
export async function serverUnlock(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (server.locked_by !== null && server.locked_by !== lockerOf(tx, server))
      tx.authorize({ project_id: server.project_id }, 'os_compute_api:os-lock-server:unlock:unlock_override')
    await serverChange(tx.db, id, { locked_by: null, locked_reason: null, updated_at: isoMillis(tx.clock.nowMs()) })
    await serverEvent(tx, server, { action: 'unlock', result: 'success' })
  })
}

/** Says what state the server is in, whatever it was. */
export async function serverResetState(ctx: Context, id: string, state: 'active' | 'error'): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    await serverChange(tx.db, id, { vm_state: state, task_state: null, updated_at: isoMillis(tx.clock.nowMs()) })
    await serverEvent(tx, server, { action: 'resetState', result: 'success' })
  })
}

/** Only asks whether the server may be told anything: there is nothing to inject into a guest with DHCP. */
export async function serverNetworkInject(ctx: Context, id: string): Promise<void> {
  assertAllowed(ctx, { word: 'injectNetworkInfo', event: 'injectNetworkInfo', from: null, tasks: null }, await serverGet(ctx, id))
}

/** Accepts a cold migration, which finds no host. */
export async function serverMigrate(ctx: Context, id: string, host: string | null): Promise<void> {
  const seen = await serverGet(ctx, id, host === null ? undefined : 'os_compute_api:os-migrate-server:migrate:host')
  assertAllowed(ctx, serverActions.migrate, seen)
  if (host !== null) {
    const named = await hostByName(ctx, host)
    if (!named) throw badRequest(`Compute host ${host} could not be found.`)
    if (named.host === seen.host) throw badRequest('Cannot migrate to the host where the server exists.')
  }
  await ctx.transaction(async (tx) => refuse(tx, await serverGet(tx, id), { action: 'migrate', reason: noHostText }))
}

/** Live migration is answered at once before 2.34, and in the timeline since. */
export async function serverMigrateLive(ctx: Context, id: string, host: string | null): Promise<void> {
  const seen = await serverGet(ctx, id, host === null ? undefined : 'os_compute_api:os-migrate-server:migrate_live:host')
  assertAllowed(ctx, serverActions.liveMigrate, seen)
  if (host !== null) {
    const named = await hostByName(ctx, host)
    if (!named) throw badRequest(`Compute host ${host} could not be found.`)
    if (named.host === seen.host && !ctx.microversion.atLeast('2.34'))
      throw badRequest(`Unable to migrate instance (${id}) to current host (${host}).`)
  }
  if (!ctx.microversion.atLeast('2.34')) throw badRequest(noHostText)
  await ctx.transaction(async (tx) => refuse(tx, await serverGet(tx, id), { action: 'live-migration', reason: noHostText }))
}

/** A server is evacuated from a host that is down; there is no other to take it yet. */
export async function serverEvacuate(ctx: Context, id: string, host: string | undefined): Promise<void> {
  const seen = await serverGet(ctx, id)
  if (host !== undefined) {
    const named = await hostByName(ctx, host)
    if (!named) throw new ApiError('not_found', `Compute host ${host} not found.`)
    if (named.host === seen.host) throw badRequest("The target host can't be the same one.")
  }
  assertAllowed(ctx, serverActions.evacuate, seen)
  if (seen.host === null) throw conflict(`Instance ${id} is not ready`)
  const facts = (await hostFacts(ctx)).find(({ node }) => node.host === seen.host)
  if (facts?.alive) throw badRequest(`Compute service of ${seen.host} is still in use.`)
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    await refuse(tx, server, { action: 'evacuate', reason: noHostText })
    await serverChange(tx.db, id, { vm_state: 'error', fault: await faultOf(tx, noHostText) })
  })
}

/** A guest takes a password only through an agent. */
export async function serverPasswordSet(ctx: Context, id: string): Promise<void> {
  const server = await serverGet(ctx, id)
  assertAllowed(ctx, serverActions.changePassword, server)
  if (server.host === null || !(await capabilitiesOf(ctx, server.host)).guestAgent)
    throw conflict(`Unable to set password on instance ${id}: the guest has no agent.`)
  await ctx.transaction(async (tx) => {
    await serverEvent(tx, server, { action: 'changePassword', result: 'start' })
    await serverEvent(tx, server, { action: 'changePassword', result: 'success' })
  })
}
