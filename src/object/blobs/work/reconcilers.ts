// What looks after objects and blobs by itself. The code of each is loaded when it first runs: a cloud begins without it.
import { reconciler } from '../../../platform/work/definition.ts'

export const objectExpire = reconciler({
  name: 'object-expire',
  everyMs: 60_000,
  run: async (work) => (await import('./object-expire.ts')).objectsEnd(work),
})

export const blobReclaim = reconciler({
  name: 'blob-reclaim',
  everyMs: 60_000,
  run: async (work) => (await import('./blob-reclaim.ts')).garbageReclaim(work),
})

export const blobSweep = reconciler({
  name: 'blob-sweep',
  everyMs: 3_600_000,
  run: async (work) => (await import('./blob-sweep.ts')).blobsSweep(work),
})

export const blobAudit = reconciler({
  name: 'blob-audit',
  everyMs: 600_000,
  run: async (work) => (await import('./blob-audit.ts')).blobsAudit(work),
})
