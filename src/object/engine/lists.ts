// The lists that both doors show: containers of an account, objects of a container.
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import type { ContainerRow, ObjectRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { namesList, type Listed, type Listing } from './listing.ts'

export const containersList = ({ store }: Engine, account: string, listing: Listing): Promise<Listed<ContainerRow>> =>
  namesList(listing, (range) => containerRows.page(store, account, range))

/** Current objects; what has expired is not among them. Their `metadata` is empty unless it is asked for. */
export function objectsList(
  { store, platform }: Engine,
  { id: containerId }: Pick<ContainerRow, 'id'>,
  listing: Listing & { metadata?: boolean | undefined },
): Promise<Listed<ObjectRow>> {
  const { metadata = false } = listing
  const nowUs = platform.clock.nowMs() * 1000
  return namesList(listing, (range) => objectRows.page(store, { containerId, nowUs, metadata, ...range }))
}
