// What the clients know: which things were made for them, which they have asked to be deleted, and what they were told.
// Whatever was acknowledged must be so in the end.
import { pick, type Random } from './random.ts'

export type Kind = 'server' | 'volume' | 'snapshot' | 'port' | 'floatingip' | 'image' | 'network' | 'security_group'

export interface Thing {
  kind: Kind
  id: string
  tenant: string
  /** the last name that was acknowledged; null when an answer got lost and nobody knows */
  name: string | null
  /** asked: the answer was lost, or it was a refusal that says nothing about later */
  deletion: 'none' | 'asked' | 'acknowledged'
}

export class Ledger {
  readonly things: Thing[] = []
  #byId = new Map<string, Thing>()

  /** `deletion` 'asked' from the start: an image that is still to be made goes when that fails, or when its server does. */
  add(thing: Omit<Thing, 'deletion'>, deletion: Thing['deletion'] = 'none'): void {
    const added: Thing = { ...thing, deletion }
    this.things.push(added)
    this.#byId.set(thing.id, added)
  }

  find(id: string): Thing | undefined {
    return this.#byId.get(id)
  }

  /** One of the tenant's, now and then one that is being deleted. */
  any(random: Random, tenant: string, kind: Kind): Thing | undefined {
    const own = this.things.filter((thing) => thing.kind === kind && thing.tenant === tenant && (thing.deletion === 'none' || thing.kind === 'image' || random() < 0.05))
    return own.length === 0 ? undefined : pick(random, own)
  }
}
