// Takes a server away: the guest off its hosts and its volumes off the guest first, then all its rows in one commit.
// It has no undo: it goes on until nothing is left.
import { imageRemove } from '../../../image/index.ts'
import { attachedPortsRelease } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import { volumeDeleteAccepted } from '../../../volume/index.ts'
import { power } from '../states.ts'
import { serverEvent } from '../servers.ts'
import { faultOf } from '../faults.ts'
import { consoleTokensDelete } from '../../consoles/store.ts'
import { migrationsOfServer, migrationUpdate } from '../../server-migrations/store.ts'
import { devicesDelete, devicesOf, tagsDelete } from '../store/parts.ts'
import { serverChange, serverFetch, type ServerRow } from '../store/servers.ts'
import { volumesWithServerTake } from '../store/volumes-with-server.ts'
import { guestRemove } from '../guest/steps/remove.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { volumesRelease } from '../guest/steps/volumes.ts'
import { deletedWithServer } from '../attachments/steps/volume-kept.ts'

interface DeleteData {
  serverId: string
  hosts: string[]
}

/** Where the guest is or may be: a server that was being moved may be on two hosts. */
export function hostsOf({ host, before }: Pick<ServerRow, 'host' | 'before'>): string[] {
  return [...new Set([host, before?.host].filter((name) => typeof name === 'string'))]
}

export const serverDeleteSaga = serverSaga<DeleteData>({
  name: 'server-delete',
  action: 'delete',
  deadlineMs: 24 * 3_600_000,
  untilDeadline: true,
  limit: () => null,
  // done twice it finds no server, and has nothing to tell
  leavesState: true,
  steps: [
    {
      name: 'take away',
      async run(work, { serverId, hosts }) {
        for (const host of hosts) await guestRemove(work, serverId, host)
        await volumesRelease(work, serverId)
        const server = await serverFetch(work.ctx.db, serverId)
        // images that cancelled work left unfinished, and the one that a shelved server was kept in
        for (const imageId of [server?.pending_image_id, server?.shelved_image_id]) if (imageId) await imageRemove(work.ctx, imageId)
      },
    },
  ],
  async done({ ctx }, { serverId }) {
    const server = await serverFetch(ctx.db, serverId)
    if (server) await rowsDelete(ctx, server)
    return null
  },
  async failed({ ctx }, { serverId }, reason) {
    await serverChange(ctx.db, serverId, { vm_state: 'error', task_state: null, fault: await faultOf(ctx, reason) })
  },
})

/** All that the rows held, in one commit: nothing is left but the server's own row, marked, and its timeline. */
export async function rowsDelete(ctx: Context, server: ServerRow): Promise<void> {
  const volumes = (await devicesOf(ctx.db, server.id)).flatMap(deletedWithServer)
  for (const id of [...volumes, ...(await volumesWithServerTake(ctx.db, server.id))]) await volumeDeleteAccepted(ctx, id, server.project_id)
  await devicesDelete(ctx.db, server.id)
  await attachedPortsRelease(ctx, server.id)
  await allocationsRelease(ctx, server.id)
  await migrationsEnd(ctx, server)
  await tagsDelete(ctx.db, server.id)
  await consoleTokensDelete(ctx.db, server.id)
  const now = isoMillis(ctx.clock.nowMs())
  await serverChange(ctx.db, server.id, {
    vm_state: 'deleted',
    task_state: null,
    power_state: power.none,
    terminated_at: now,
    updated_at: now,
    pending_image_id: null,
    shelved_image_id: null,
    deleted: true,
  })
  await serverEvent(ctx, server, { action: 'delete', result: 'success' })
}

/** A resize that nobody confirmed holds an allocation of its own. */
async function migrationsEnd(ctx: Context, server: ServerRow): Promise<void> {
  if (server.before === null && server.vm_state !== 'resized') return
  for (const migration of await migrationsOfServer(ctx.db, server.id)) {
    await allocationsRelease(ctx, migration.id)
    if (!['confirmed', 'reverted', 'error', 'failed', 'completed'].includes(migration.status))
      await migrationUpdate(ctx.db, migration.id, { status: 'confirmed' })
  }
}
