// Who follows a store's timeline in this process is woken when a transaction that told something has committed.
import type { Db, Store } from '../store/store.ts'

const listeners = new WeakMap<Store, Set<() => void>>()

export const timelineWake = (store: Store): void => listeners.get(store)?.forEach((wake) => wake())

/** Calls `wake` after each such commit of this process, until the function that it returns is called. */
export function timelineOnWake({ store }: Db, wake: () => void): () => void {
  const known = listeners.get(store) ?? new Set()
  listeners.set(store, known.add(wake))
  return () => void known.delete(wake)
}
