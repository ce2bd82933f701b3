// The stores of images that users may name: there is one, the files below the data directory.
import { ApiError, badRequest } from '../platform/errors.ts'

export const defaultStore = 'file'
export const stores = [{ id: defaultStore, default: 'true' }]

export interface StoreChoice {
  all_stores?: unknown
  stores?: unknown
  /** the header X-Image-Meta-Store, which can stand for the one-element list */
  headerStore?: string | undefined
}

/** The stores that a request names, all known; an unknown one is refused with this status. */
export function storesOf({ all_stores: all, stores: named, headerStore }: StoreChoice, unknownStatus: 400 | 409): string[] {
  if (all === true) {
    if (named !== undefined || headerStore !== undefined)
      throw badRequest("All_stores parameter can't be used with x-image-meta-store header or stores parameter")
    return stores.map(({ id }) => id)
  }
  if (named !== undefined && headerStore !== undefined)
    throw badRequest("Stores parameter and x-image-meta-store header can't be both specified")
  if (named !== undefined && !(Array.isArray(named) && named.every((each) => typeof each === 'string')))
    throw badRequest("'stores' must be a list of store identifiers")
  const chosen = (named as string[] | undefined) ?? [headerStore ?? defaultStore]
  for (const id of chosen) {
    if (!stores.some((store) => store.id === id))
      throw new ApiError(unknownStatus === 409 ? 'conflict' : 'bad_request', `Store for identifier ${id.slice(0, 255)} not found`)
  }
  return chosen
}
