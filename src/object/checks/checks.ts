// What fsck compares in object storage; the code of each check is loaded when fsck runs.
import type { Check } from '../../platform/fsck/check.ts'

export const blobsCheck: Check = {
  name: 'object-blobs',
  invariant: 1,
  async *find(ctx) {
    yield* (await import('./blobs.ts')).blobsFind(ctx)
  },
}

export const countersCheck: Check = {
  name: 'object-counters',
  invariant: 3,
  async *find(ctx) {
    yield* (await import('./counters.ts')).countersFind(ctx)
  },
}

export const orphansCheck: Check = {
  name: 'object-orphans',
  invariant: 4,
  async *find(ctx) {
    yield* (await import('./orphans.ts')).orphansFind(ctx)
  },
}
