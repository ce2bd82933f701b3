// What the driver must remember over its own death: its mark, the numbers it gave to networks and ports, which
// namespaces it made, the highest fence it saw. Everything else is read from the kernel.
import { createHash } from 'node:crypto'
import type { Journal } from '../journal.ts'

export interface Registry {
  /** eight hex digits that tell this cloud's things from another's on the same machine */
  instance: string
  /** the conntrack zone of a network, 1..65535, the same as long as the network is here */
  zone(networkId: string): number
  /** a port's number in packet marks, 1..65535 */
  mark(portId: string): number
  /** Forgets the numbers of what is gone; returns the zones that are free again. */
  keep(networkIds: Set<string>, portIds: Set<string>): number[]
  namespaces(): string[]
  addNamespace(name: string): void
  dropNamespace(name: string): void
  fence(): number
  setFence(fence: number): void
}

export function createRegistry(journal: Journal, dataDir: string): Registry {
  const instance = journal.get<string>('instance') ?? createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
  journal.put('instance', instance)
  const numbers = (kind: string) => {
    const taken = new Map<number, string>()
    const given = new Map<string, number>()
    for (const key of journal.keys(`${kind}/`)) {
      const number = journal.get<number>(key) ?? 0
      taken.set(number, key.slice(kind.length + 1))
      given.set(key.slice(kind.length + 1), number)
    }
    return {
      give(id: string, first: number) {
        const known = given.get(id)
        if (known !== undefined) return known
        if (taken.size >= 65_535) throw new Error(`this host has no ${kind} number left`)
        let number = first
        while (taken.has(number)) number = (number % 65_535) + 1
        journal.put(`${kind}/${id}`, number) // first: a full disk refuses it
        taken.set(number, id)
        given.set(id, number)
        return number
      },
      keep(ids: Set<string>) {
        const freed: number[] = []
        for (const [id, number] of given) {
          if (ids.has(id)) continue
          journal.put(`${kind}/${id}`, undefined)
          given.delete(id)
          taken.delete(number)
          freed.push(number)
        }
        return freed
      },
    }
  }
  const zones = numbers('zone')
  const marks = numbers('mark')
  return {
    instance,
    // by hash, so that two clouds on one machine hardly ever share a zone
    zone: (networkId) => zones.give(networkId, (createHash('sha256').update(networkId).digest().readUInt16BE() % 65_535) + 1),
    mark: (portId) => marks.give(portId, 1),
    keep(networkIds, portIds) {
      marks.keep(portIds)
      return zones.keep(networkIds)
    },
    namespaces: () => journal.keys('namespace/').map((key) => key.slice('namespace/'.length)),
    addNamespace: (name) => journal.put(`namespace/${name}`, true),
    dropNamespace: (name) => journal.put(`namespace/${name}`, undefined),
    fence: () => journal.get<number>('fence') ?? 0,
    setFence: (fence) => journal.put('fence', fence),
  }
}
