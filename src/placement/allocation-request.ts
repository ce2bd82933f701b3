// One answer to a request for candidates, and all combinations of several.

/** One way to satisfy one group, or in the end the whole request. */
export interface AllocationRequest {
  /** the root of the tree that it belongs to; a sharing provider serves several */
  anchor: string
  /** provider's id → resource class → amount */
  allocations: Map<string, Map<string, number>>
  /** group's suffix → providers that satisfy it */
  mappings: Map<string, Set<string>>
}

/** Every choice of one item of each list, the last list turning fastest. */
export function* product<T>(lists: T[][]): Generator<T[]> {
  const [first, ...rest] = lists
  if (first === undefined) {
    yield []
    return
  }
  for (const item of first) for (const tail of product(rest)) yield [item, ...tail]
}
