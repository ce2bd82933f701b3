// A host hears only what the disk has. A commit is seen by the reads of this process before its fsync has ended; a call
// that was built from it would tell the host of a change that a power failure undoes, and from then on the host
// would refuse what the rows say as older than what it knows.
import type { Host } from '../contract/host.ts'
import { isCall } from '../contract/call.ts'
import type { Store } from './store/store.ts'

const parts = new Set<PropertyKey>(['guests', 'images', 'volumes', 'network'])

/** The same host, whose changing calls wait until all that was committed so far is on the disk. */
export function afterDurable(host: Host, store: Pick<Store, 'durable'>): Host {
  const known = new Map<PropertyKey, object>()
  return new Proxy(host, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (!parts.has(name)) return value
      const part = known.get(name) ?? waiting(value as object, store)
      known.set(name, part)
      return part
    },
  })
}

type Method = (...args: unknown[]) => unknown

function waiting(part: object, store: Pick<Store, 'durable'>): object {
  return new Proxy(part, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        const call = () => Reflect.apply(method as Method, target, args)
        const pending = args.some(isCall) ? store.durable() : null
        return pending === null ? call() : pending.then(call)
      }
    },
  })
}
