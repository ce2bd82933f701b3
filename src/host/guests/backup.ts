// Copies a disk of a running guest, as it is at one moment, into a file of its own: QEMU's blockdev-backup. The guest
// writes on meanwhile. A job that a dead control process left behind is cancelled before a new one begins.
import { type Clock, delay } from '../../platform/clock.ts'
import { type Call, HostError } from '../../contract/call.ts'
import type { DiskFile } from '../disk-image.ts'
import { blockNode } from './command-line.ts'
import type { LiveGuest } from './engine.ts'
import { nodeName } from './machine.ts'
import { QmpError } from './qmp.ts'

const job = 'backup'

export interface BackupOf {
  /** id of the device whose disk is copied */
  deviceId: string
  /** an empty image of the disk's size, its path as QEMU sees it */
  target: DiskFile
  clock: Clock
  call: Call
}

/** Runs one backup to its end; 'no_space' when the target's file system is full. */
export async function backupDisk(guest: LiveGuest, { deviceId, target, clock, call }: BackupOf): Promise<void> {
  const { qmp } = guest
  await clearBackup(guest, clock)
  const node = blockNode({ id: job, path: target.path, format: target.format, base: null, readOnly: false })
  await qmp.execute('blockdev-add', { ...node, 'detect-zeroes': 'unmap' })
  try {
    await qmp.execute('blockdev-backup', {
      'job-id': job,
      device: nodeName(deviceId),
      target: nodeName(job),
      sync: 'full',
      'auto-dismiss': false,
    })
    await finished(guest, clock, call)
  } finally {
    await clearBackup(guest, clock)
  }
}

async function finished({ qmp }: LiveGuest, clock: Clock, call: Call): Promise<void> {
  for (;;) {
    const state = (await qmp.execute('query-block-jobs')).find((each) => each.device === job)
    if (!state) throw new HostError('failed', 'the copy of the disk went away')
    if (state.error !== undefined)
      throw new HostError(/No space/.test(state.error) ? 'no_space' : 'failed', `the copy of the disk failed: ${state.error}`)
    if (state.status === 'concluded') return
    call.progress?.(state.len > 0 ? Math.floor((state.offset / state.len) * 100) : 0)
    await delay(clock, 100, call.signal)
  }
}

/** Ends and forgets a job and its node, if there are any. */
export async function clearBackup({ qmp }: LiveGuest, clock: Clock): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const state = (await qmp.execute('query-block-jobs')).find((each) => each.device === job)
    if (!state) break
    if (state.status === 'concluded') await qmp.execute('job-dismiss', { id: job })
    else if (tries === 0) await qmp.execute('block-job-cancel', { device: job, force: true })
    else await delay(clock, 50)
  }
  await qmp.execute('blockdev-del', { 'node-name': nodeName(job) }).catch((error) => {
    if (!(error instanceof QmpError && /Failed to find node/.test(error.message))) throw error
  })
}
