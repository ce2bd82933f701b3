// Bugs on purpose: each is a small change of a product file, made while the file is loaded. That the simulation finds
// every one of them within its seeds is what shows that its check can fail. Loaded by `node --import` with SABOTAGE=name.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Bug {
  name: string
  /** below src/ */
  file: string
  from: string
  to: string
}

export const bugs: Bug[] = [
  { name: 'a forgotten undo: a failed build leaves its guest', file: 'compute/work/server-create.ts', from: "if (server?.host) await hostOf(work.ctx, server).guests.remove(data.serverId, work.call)", to: 'void server' },
  { name: 'a forgotten undo: a failed build keeps its ports', file: 'compute/work/server-create.ts', from: '    await portsGiveUp(ctx, data.serverId)\n  },\n}', to: '    void ctx, data\n  },\n}' },
  { name: 'a failed build keeps its allocation', file: 'compute/work/server-create.ts', from: 'await allocationsRelease(work.ctx, serverId)', to: '' },
  { name: 'a deleted server keeps its allocation', file: 'compute/work/server-delete.ts', from: '  await allocationsRelease(ctx, server.id)\n', to: '' },
  { name: 'a deleted server keeps its ports', file: 'compute/work/server-delete.ts', from: '  await portsGiveUp(ctx, server.id)\n', to: '' },
  { name: 'a deletion lets the build go on', file: 'compute/server-delete.ts', from: 'await tx.work.cancel(tx, id)', to: '' },
  { name: 'a deletion forgets attached volumes', file: 'compute/work/server-delete.ts', from: 'if (device.attachment_id !== null) await attachmentRemove(work, device.attachment_id)', to: 'void device' },
  { name: 'a lease that nobody keeps: running work is claimed again at once', file: 'platform/work/claim.ts', from: "where('state', '=', 'running').where('lease_until', '<', nowMs).limit(most)", to: "where('state', '=', 'running').limit(most)" },
  { name: 'an advance without its fence', file: 'platform/work/items.ts', from: "set(change).where('id', '=', item.id).where('fence', '=', item.fence).where('state', '=', 'running')", to: "set(change).where('id', '=', item.id)" },
  { name: 'work of a dead process is never taken over', file: 'platform/work/claim.ts', from: 'await lost.rows(db, { nowMs, most })', to: '[]' },
  { name: 'the only process does not take back what it had in hand', file: 'platform/work/engine.ts', from: 'if (this.#options.exclusive) await itemsRelease(this.#platform.store, this.#platform.clock.nowMs())', to: '' },
  { name: 'a failing step is given up without unwinding', file: 'platform/work/saga.ts', from: 'await turnBack(work, saga, item, isLate ? lateReason(saga, reason) : reason)', to: 'await itemDeleteFenced(work.ctx.db, item)' },
  { name: 'an undo has the fence of what it takes back', file: 'platform/work/claim.ts', from: 'fence: counter.value - index', to: "fence: item.phase === 'undo' ? item.fence : counter.value - index" },
  { name: 'each step has the fence of the one before', file: 'platform/work/saga.ts', from: 'fence: work.call.fence + 1', to: 'fence: work.call.fence' },
  { name: 'a deletion gives up at the first refusal', file: 'compute/work/server-delete.ts', from: '  untilDeadline: true,\n', to: '' },
  { name: 'a resize that fails keeps two allocations', file: 'compute/work/server-resize.ts', from: '    await giveBack(work.ctx, serverId, before.migrationId)\n    await migrationUpdate(work.ctx.db, before.migrationId, { status: \'error\'', to: '    await migrationUpdate(work.ctx.db, before.migrationId, { status: \'error\'' },
  { name: 'a confirmed resize keeps the old allocation', file: 'compute/server-resize.ts', from: 'await allocationsRelease(tx, migration.id)', to: '' },
  { name: 'a failed attachment keeps the volume', file: 'compute/work/server-volume.ts', from: 'undo: (work, { attachmentId }) => attachmentRemove(work, attachmentId),\n      undoCommit: async ({ ctx }, { deviceId }) => void (await deviceDelete(ctx.db, deviceId)),', to: '' },
  { name: 'a failed volume stays creating', file: 'volume/work/volume-create.ts', from: "{ status: 'error', reason,", to: "{ status: 'creating', reason," },
  { name: 'a deleted volume leaves its data', file: 'volume/work/volume-remove.ts', from: 'await volumes.remove(volumeId, call)', to: '' },
  { name: 'an upload that broke off stays saving', file: 'image/work/image-store-clean.ts', from: 'await requeueAbandoned(ctx)', to: '0 as number' },
  { name: 'files that no record explains stay', file: 'image/work/image-store-clean.ts', from: '    await removeUnexplained(ctx)\n', to: '' },
  { name: 'hosts do not look at fences', file: 'host/gate.ts', from: 'if (call.fence < newest) throw', to: 'if (call.fence < 0) throw' },
  { name: 'each process believes its own clock', file: 'platform/store/database-clock.ts', from: 'nowMs: () => Math.floor(own.steadyMs() + aheadMs)', to: 'nowMs: () => own.nowMs()' },
  { name: 'guests that nothing explains stay', file: 'compute/work/server-observe.ts', from: '    else if (host) await removeUnexplained(work, host, report.id)', to: '' },
]

const source = join(import.meta.dirname, '..', '..', 'src')

/** The file with the bug in it; throws when the product has changed and the bug no longer fits. */
export function sabotaged({ file, from, to, name }: Bug): string {
  const text = readFileSync(join(source, file), 'utf8')
  if (from === '' || text.split(from).length !== 2) throw new Error(`the bug '${name}' does not fit ${file} any more`)
  return text.replace(from, to)
}

const wanted = process.env['SABOTAGE']
if (wanted !== undefined) {
  const bug = bugs.find(({ name }) => name === wanted)
  if (!bug) throw new Error(`there is no bug named '${wanted}'`)
  const target = join(source, bug.file)
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || fileURLToPath(url) !== target) return next(url, context)
      return { format: 'module-typescript', source: sabotaged(bug), shortCircuit: true }
    },
  })
}
