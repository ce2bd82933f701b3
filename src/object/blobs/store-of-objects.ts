// The store that objects have to themselves, so that they never queue behind servers.
import type { Platform } from '../../platform/context.ts'
import { assert } from '../../platform/errors.ts'
import type { Store } from '../../platform/store/store.ts'

export function storeOfObjects(platform: Pick<Platform, 'stores'>): Store {
  const store = platform.stores.get('objects')
  assert(store, 'the object domain has a store of its own')
  return store
}
