// Names to values where the name comes from outside: a filter, a state, a header. An object literal would also find
// `constructor` and `toString`, which are everybody's by inheritance (F11); these tables hold what was put in and no more.

/** A table of these entries; without any, an empty one to be filled. */
export const table = <Value>(entries: Record<string, Value> = {}): Record<string, Value> =>
  Object.assign(Object.create(null) as Record<string, Value>, entries)
