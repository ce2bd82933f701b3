// Who needs a cached image right now. A disk that is about to stand on an image holds it from the look into the cache
// until the disk is written down; what is to be forgotten is claimed, and whoever wants it meanwhile waits and fetches anew.

export interface Holds {
  /** Runs `work` while the image cannot be taken away; waits for a removal that has begun. */
  hold<T>(imageId: string, work: () => Promise<T>): Promise<T>
  /** Runs `work` with those of the images that nobody holds; nobody can hold them until it ends. */
  claim<T>(imageIds: string[], work: (free: string[]) => Promise<T>): Promise<T>
}

export function createHolds(): Holds {
  const held = new Map<string, number>()
  const leaving = new Map<string, Promise<void>>()
  return {
    async hold(imageId, work) {
      for (let removal = leaving.get(imageId); removal; removal = leaving.get(imageId)) await removal
      held.set(imageId, (held.get(imageId) ?? 0) + 1)
      try {
        return await work()
      } finally {
        const others = (held.get(imageId) ?? 1) - 1
        if (others > 0) held.set(imageId, others)
        else held.delete(imageId)
      }
    },
    async claim(imageIds, work) {
      const free = imageIds.filter((imageId) => !held.has(imageId) && !leaving.has(imageId))
      const { promise, resolve } = Promise.withResolvers<void>()
      for (const imageId of free) leaving.set(imageId, promise)
      try {
        return await work(free)
      } finally {
        for (const imageId of free) leaving.delete(imageId)
        resolve()
      }
    },
  }
}
