// Servers and moves that are said to be on their way: work must be under way for each.
import type { Context } from '../../platform/context.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import { allocationsRelease } from '../../placement/index.ts'
import { imageRemove, imagesByIds } from '../../image/index.ts'
import { migrationsOpen, serversInTransition, serversKnown } from '../servers/store/checks.ts'
import { migrationUpdate } from '../server-migrations/store.ts'
import { serverChange, serverFetch, type ServerRow } from '../servers/store/servers.ts'
import { hostsOf, serverDeleteSaga } from '../servers/actions/delete.saga.ts'
import { serverFailRepair } from './repairs.ts'

export const serversRestingCheck: Check = { name: 'servers-resting', invariant: 2, find }

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for await (const rows of pages(
    (after, limit) => serversInTransition(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    for (const row of rows) {
      const of = { resourceType: 'server', resourceId: row.id, host: row.host }
      const state = row.task_state ?? (row.vm_state === 'building' ? row.vm_state : null)
      const message = `it rests in ${state}, and nothing works on it`
      if (state !== null)
        yield { ...of, message, repair: row.task_state === 'deleting' ? deleteRepair(row.id) : serverFailRepair(row, message) }
      else if (row.pending_image_id !== null)
        yield {
          ...of,
          concerns: [row.pending_image_id],
          message: `nothing finishes its image ${row.pending_image_id}`,
          repair: imageRepair(row.id, row.pending_image_id),
        }
    }
  }
  for await (const rows of pages(
    (after, limit) => migrationsOpen(ctx.db, after, limit),
    ({ id }) => id,
  ))
    yield* moves(ctx, rows)
}

/** A server's open move is the one that it would revert to. */
async function* moves(ctx: Context, rows: { id: string; server_id: string; status: string }[]): AsyncGenerator<Finding> {
  const servers = new Map(
    (
      await serversKnown(
        ctx.db,
        rows.map(({ server_id }) => server_id),
      )
    ).map((row) => [row.id, row]),
  )
  for (const { id, server_id, status } of rows) {
    const server = servers.get(server_id)
    if (server?.deleted === false && migrationOf(server) === id) continue
    yield {
      resourceType: 'server',
      resourceId: server_id,
      message: `its move ${id} is ${status}, and it knows nothing of that`,
      repair: moveRepair(id),
    }
  }
}

/** The move that holds what the server goes back to; null: it goes nowhere. */
export const migrationOf = ({ before }: Pick<ServerRow, 'before'>): string | null => before?.migrationId ?? null

const deleteRepair = (serverId: string): Repair => ({
  words: 'queue its deletion again',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const server = await serverFetch(tx.db, serverId)
      if (server?.task_state !== 'deleting') return
      await tx.work.enqueue(tx, serverDeleteSaga, { serverId, hosts: hostsOf(server) }, { resourceId: serverId })
    })
  },
})

/** An image that was never finished goes; one that is whole is the user's. */
const imageRepair = (serverId: string, imageId: string): Repair => ({
  words: 'give the unfinished image up',
  async run({ ctx }) {
    const image = (await imagesByIds(ctx, [imageId])).get(imageId)
    if (image && image.status !== 'active') await imageRemove(ctx, imageId)
    await ctx.transaction((tx) => serverChange(tx.db, serverId, { pending_image_id: null }, { task_state: null }))
  },
})

const moveRepair = (id: string): Repair => ({
  words: 'end the move, and give back what it holds',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      await allocationsRelease(tx, id)
      await migrationUpdate(tx.db, id, { status: 'error' })
    })
  },
})
