// Blobs as the domain wires them in.
import type { Context, Platform } from '../../platform/context.ts'
import type { Check } from '../../platform/fsck/check.ts'
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { blobsCheck, countersCheck, orphansCheck } from '../checks/checks.ts'
import { runningLeft, runningEnd } from './running.ts'
import { storeOfObjects } from './store-of-objects.ts'
import { blobAudit, blobReclaim, blobSweep, objectExpire } from './work/reconcilers.ts'

export const blobWork: WorkDefinition[] = [objectExpire, blobReclaim, blobSweep, blobAudit]
export const blobChecks: Check[] = [blobsCheck, countersCheck, orphansCheck]

/** A process that died may have left blobs without rows: the sweep begins at once. */
export async function blobsStart(ctx: Context): Promise<void> {
  const { platform } = ctx
  if (platform.exclusive && (await runningLeft(platform, storeOfObjects(platform))) !== null) await ctx.work.signal(ctx, blobSweep)
}

export const blobsStop = (platform: Platform): Promise<void> => runningEnd(platform, storeOfObjects(platform))

export interface BlobsStatus {
  /** blobs that are not what was written, and are sent no more */
  rotten: number
  /** null: nobody knows */
  freeBytes: number | null
  /** nothing more is taken in */
  full: boolean
}

export async function blobsStatus(platform: Platform): Promise<BlobsStatus> {
  const [{ rottenCount }, { blobsOf }] = await Promise.all([import('../store/blobs.ts'), import('./blob-store.ts')])
  const blobs = blobsOf(platform)
  return {
    rotten: await rottenCount(storeOfObjects(platform)),
    freeBytes: await blobs.freeBytes(),
    full: (await blobs.room()) === 'full',
  }
}
