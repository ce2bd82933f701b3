// Bugs to make on purpose, each a small change of one product file: what a tired engineer would write.
import type { Stress } from './plan.ts'

export interface Bug {
  name: string
  /** the function or constant at a file’s top that it stands in, where its text alone would fit several places */
  in?: string
  from: string
  to: string
  /** the run that showed it last; none: it is not hunted in CI yet */
  shownBy?: Shown
}

export interface Shown {
  seed: number
  /** 5 */
  hosts?: number
  /** 200 */
  operations?: number
  /** 0 */
  objects?: number
  stress?: Stress
}

export const bugs: Bug[] = [
  {
    name: 'a forgotten undo: a failed build keeps its ports',
    from: '    await attachedPortsRelease(ctx, data.serverId)\n  },\n}',
    to: '    void ctx, data\n  },\n}',
    shownBy: { seed: 2, stress: 'fates' },
  },
  {
    name: 'a failed build keeps its allocation',
    in: 'serverCreateSaga',
    from: 'await allocationsRelease(work.ctx, serverId)',
    to: '',
    shownBy: { seed: 2 },
  },
  {
    name: 'a deleted server keeps its allocation',
    from: '  await allocationsRelease(ctx, server.id)\n',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'a deleted server keeps its ports',
    from: '  await attachedPortsRelease(ctx, server.id)\n',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'a deletion lets the build go on',
    in: 'serverDelete',
    from: 'await tx.work.cancel(tx, id)',
    to: '',
    shownBy: { seed: 3 },
  },
  {
    name: 'a deletion forgets attached volumes',
    in: 'serverDeleteSaga',
    from: 'await volumesRelease(work, serverId)',
    to: '',
    shownBy: { seed: 2, hosts: 3, operations: 60, stress: 'volumes' },
  },
  {
    name: 'a lease that nobody keeps: running work is claimed again at once',
    from: "where('state', '=', 'running').where('lease_until', '<', nowMs).limit(most)",
    to: "where('state', '=', 'running').limit(most)",
    shownBy: { seed: 7, stress: 'processes' },
  },
  {
    name: 'an advance without its fence',
    from: "set(change).where('id', '=', id).where('fence', '=', fence).where('state', '=', 'running')",
    to: "set(change).where('id', '=', id)",
    shownBy: { seed: 7, stress: 'processes' },
  },
  {
    name: 'work of a dead process is never taken over',
    from: 'await lost.rows(db, { nowMs, most })',
    to: '[]',
    shownBy: { seed: 7, stress: 'processes' },
  },
  {
    name: 'the only process does not take up again what it had in hand',
    from: 'if (this.#options.exclusive) await itemsRelease(this.#platform.store, this.#platform.clock.nowMs())',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'a failing step is abandoned without unwinding',
    from: 'await turnBack(work, saga, item, isLate ? lateReason(saga, reason) : reason)',
    to: 'await itemDeleteFenced(work.ctx.db, item)',
    shownBy: { seed: 2 },
  },
  {
    name: 'an undo has the fence of what it undoes',
    from: 'fence: counter.value - index',
    to: "fence: item.phase === 'undo' ? item.fence : counter.value - index",
    shownBy: { seed: 5, stress: 'echoes' },
  },
  {
    name: 'a resize that fails keeps two allocations',
    from: "  await allocationRestore(ctx, serverId, before.migrationId)\n  await migrationUpdate(ctx.db, before.migrationId, { status: 'error'",
    to: "  await migrationUpdate(ctx.db, before.migrationId, { status: 'error'",
    shownBy: { seed: 6 },
  },
  {
    name: 'a confirmed resize keeps the old allocation',
    from: 'await allocationsRelease(tx, migration.id)',
    to: '',
  },
  {
    name: 'a failed attachment keeps the volume',
    from: 'undo: (work, { attachmentId }) => attachmentDetach(work, attachmentId),\n      undoCommit: async ({ ctx }, { deviceId }) => void (await deviceDelete(ctx.db, deviceId)),',
    to: '',
    shownBy: { seed: 1, stress: 'volumes' },
  },
  {
    name: 'a failed volume stays creating',
    in: 'volumeCreateSaga',
    from: "status: during }, { ...change, status: 'error' }",
    to: "status: during }, { ...change, status: 'creating' }",
    shownBy: { seed: 2 },
  },
  {
    name: 'a deleted volume leaves its data',
    from: 'await volumes.remove(volumeId, call)',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'an upload that broke off stays saving',
    from: 'await requeueAbandoned(ctx)',
    to: '0 as number',
  },
  {
    name: 'files that no record explains stay',
    from: 'for await (const { file } of filesUnexplained(ctx)) await imageStore(ctx.platform).removeFile(file)',
    to: '',
  },
  {
    name: 'hosts do not look at fences',
    from: 'if (call.fence < newest) throw',
    to: 'if (call.fence < 0) throw',
    shownBy: { seed: 1, stress: 'echoes' },
  },
  {
    name: 'each process believes its own clock',
    from: 'nowMs: () => Math.floor(own.steadyMs() + aheadMs)',
    to: 'nowMs: () => own.nowMs()',
  },
  {
    name: 'a fetch waits for ever for what does not come',
    from: 'if (!hasCome) return ends.abort(',
    to: 'if (!hasCome) void (',
    shownBy: { seed: 3 },
  },
  {
    name: 'guests that nothing explains stay',
    from: '    else if (host) await removeUnexplained(work, host, report.id)',
    to: '',
    shownBy: { seed: 10 },
  },
  {
    name: "a failed step's own undo is skipped",
    from: "phase: 'undo', step: item.step, attempts: 0",
    to: "phase: 'undo', step: item.step - 1, attempts: 0",
    shownBy: { seed: 30, stress: 'volumes' },
  },
  {
    name: 'an undo that fails counts as done',
    from: 'step?.undo?.(inner, data))',
    to: 'step?.undo?.(inner, data)).catch(() => undefined)',
    shownBy: { seed: 4, stress: 'volumes' },
  },
  {
    name: 'a failure does not say why',
    from: '{ fault: await faultOf(ctx, reason) } : {}',
    to: '{} : {}',
    shownBy: { seed: 2 },
  },
  {
    name: 'a look that is out of date overwrites what came since',
    from: ', { vm_state: row.vm_state, task_state: null, generation: row.generation })',
    to: ')',
  },
  {
    name: 'a quota counts what is deleted',
    from: "    .where('project_id', '=', projectId)\n    .where('deleted', '=', false)\n  return userId",
    to: "    .where('project_id', '=', projectId)\n  return userId",
    shownBy: { seed: 1 },
  },
  {
    name: 'a quota counted twice: the volume again for each of its snapshots',
    from: 'volumes.growingGib + snapshots.gib,',
    to: 'volumes.growingGib + 2 * snapshots.gib,',
    shownBy: { seed: 1 },
  },
  {
    name: 'a kept answer outlives a commit',
    from: 'found.revision === revision && ',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: "a port's floating IPs are not let go with it",
    from: '  await floatingIpsRelease(tx, { portId: id })\n',
    to: '',
    shownBy: { seed: 2 },
  },
  {
    name: "a volume's deletion lets what is under way go on",
    from: '  await tx.work.cancel(tx, id)\n  for (const snapshot of snapshots) {\n',
    to: '  for (const snapshot of snapshots) {\n',
  },
  {
    name: 'an offloaded server keeps its allocation',
    in: 'serverOffloadSaga',
    from: '  await allocationsRelease(ctx, serverId)\n',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'a shelved server forgets its image',
    from: 'shelved_image_id: imageId })',
    to: 'shelved_image_id: null })',
    shownBy: { seed: 1 },
  },
  {
    name: 'an unshelve that fails keeps its allocation',
    in: 'serverUnshelveSaga',
    from: '    await allocationsRelease(ctx, serverId)\n',
    to: '',
  },
  {
    name: "a deleted server takes the user's own ports along",
    from: 'for (const row of rows) if (row.goes_with_server) await serverPortDelete(tx, row.id)',
    to: 'for (const row of rows) await serverPortDelete(tx, row.id)',
    shownBy: { seed: 4 },
  },
  {
    name: "a user's own port counts as made for the server",
    from: 'server_state: state, goes_with_server: false',
    to: 'server_state: state, goes_with_server: true',
    shownBy: { seed: 11 },
  },
  {
    name: 'a resize changes the rows and does not tell the guest',
    in: 'setFlavor',
    from: '{ ...change, ...nextGeneration }',
    to: 'change',
  },
  {
    name: 'a revert forgets its snapshot',
    from: "await snapshotRows.advance(db, { id: snapshotId, status: ['restoring'] }, { ...change, status: 'available' })",
    to: '',
    shownBy: { seed: 2 },
  },
  {
    name: 'a failed extension stays extending',
    from: "status: 'error_extending'",
    to: "status: 'extending'",
    shownBy: { seed: 1, stress: 'volumes' },
  },
  {
    name: 'a detached volume stays with its holder',
    from: 'if (volume?.host && last) await ctx.hosts.get(volume.host).volumes.disconnect(volume.id, call, holder(volume, attachmentId))',
    to: 'void call, last',
    shownBy: { seed: 1 },
  },
  {
    name: 'an ack before the disk has the commit',
    from: '    await commits?.durable()\n',
    to: '',
    shownBy: { seed: 1 },
  },
  {
    name: 'a host hears what the disk does not have',
    from: 'args.some(isCall) ? store.durable() : null',
    to: 'null as Promise<void> | null',
  },
  {
    name: 'a deletion and its work are two commits',
    from: "    const begun = await serverBegin(tx, server, 'delete')\n",
    to: "    await serverBegin(tx, server, 'delete')\n  })\n  await ctx.transaction(async (tx) => {\n    const server = await serverGet(tx, id)\n    const begun = server\n",
    shownBy: { seed: 1 },
  },
  {
    name: 'a restart begins each saga anew',
    from: "set({ state: 'ready', worker: null, run_at: nowMs, lease_until: 0 }).where('state', '=', 'running')",
    to: "set({ state: 'ready', worker: null, run_at: nowMs, lease_until: 0, step: 0 }).where('state', '=', 'running')",
  },
  {
    name: 'an undo leaves out every second step',
    from: 'step: item.step - 1, attempts: 1',
    to: 'step: item.step - 2, attempts: 1',
    shownBy: { seed: 6, stress: 'fates' },
  },
  {
    name: 'what a step found is not kept',
    in: 'forward',
    from: 'data: JSON.stringify(data)',
    to: 'data: item.data',
    shownBy: { seed: 1 },
  },
  {
    name: 'each step has the fence of the one before',
    from: 'fence: work.call.fence + 1',
    to: 'fence: work.call.fence',
    shownBy: { seed: 1 },
  },
  { name: 'a deletion gives up at the first refusal', in: 'serverDeleteSaga', from: '  untilDeadline: true,\n', to: '' },
  {
    name: 'a build goes on at another host though its guest may run where it was',
    from: 'return { hostFailed: false }',
    to: 'return {}',
  },
  {
    name: 'a build that goes on at another host keeps its row at the first',
    from: '{ host: decision.host, node: decision.node, availability_zone: decision.availabilityZone, task_state',
    to: '{ availability_zone: decision.availabilityZone, task_state',
    shownBy: { seed: 3 },
  },
  {
    name: 'a statement tells nobody what it changed',
    in: 'told',
    from: 'if (found) note(found)',
    to: "if (found && how.change !== 'update') note(found)",
    shownBy: { seed: 1, operations: 40 },
  },
  {
    name: 'of two changes in one commit the timeline tells the first',
    from: 'else if (known.facts !== null) Object.assign(known.facts, facts)',
    to: 'else if (known.facts !== null) known.facts = { ...facts, ...known.facts }',
    shownBy: { seed: 1, operations: 40 },
  },
  {
    name: 'what is made anew in one commit keeps what it had before',
    in: 'changeLay',
    from: 'parts: noneOf({ ...known.parts, ...known.facts })',
    to: 'parts: {}',
    shownBy: { seed: 3 },
  },
  {
    name: 'a blob is acknowledged before the disk has it',
    in: 'Receiver',
    from: 'await sink.sync()\n',
    to: 'void sink.sync()\n',
  },
  {
    name: 'an object that was written is not counted',
    from: 'await countsWrite(made)\n',
    to: '\n',
    shownBy: { seed: 1, hosts: 2, operations: 10, objects: 120 },
  },
  {
    name: 'counters outside of the transaction',
    from: 'await countsWrite(made)\n',
    to: 'void engine.write((db) => countsWrite({ ...made, db }))\n',
  },
  {
    name: 'a copy does not hold on to its bytes',
    in: 'blobsRetain',
    from: 'if (id !== null) await retain.change(db, { id })',
    to: 'void id, retain',
    shownBy: { seed: 1, hosts: 2, operations: 10, objects: 120 },
  },
  {
    name: 'what is overwritten is held for ever',
    in: 'blobsRelease',
    from: 'if (id !== null) await release.change(db, { id, nowUs })',
    to: 'void id, nowUs, release',
    shownBy: { seed: 1, hosts: 2, operations: 10, objects: 120 },
  },
  {
    name: 'garbage leaves its bytes',
    from: 'await removeAll(ctx.platform, garbage)\n',
    to: '\n',
    shownBy: { seed: 1, hosts: 2, operations: 10, objects: 120 },
  },
  {
    name: 'bytes go before the disk knows that nobody names them',
    from: 'await store.durable()\n    await removeAll',
    to: 'await removeAll',
  },
  {
    name: 'what a crash left between bytes and row stays',
    in: 'sweepDirectory',
    from: 'await driver.remove({ id, directory })',
    to: '',
  },
  {
    name: 'a sweep takes what waits for its row',
    from: '!known.has(id) && !waiting.includes(id) && !pending.has(id)',
    to: '!known.has(id) && waiting',
  },
]
