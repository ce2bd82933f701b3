// What the clients know: which things were made for them, which they have asked to be deleted, and what they were told.
// Whatever was acknowledged must be so in the end.
import { ObjectBook } from './object-book.ts'
import { pick, type Random } from './random.ts'

export type Kind = 'server' | 'volume' | 'snapshot' | 'port' | 'floatingip' | 'image' | 'network' | 'security_group'

export interface Thing {
  kind: Kind
  id: string
  tenant: string
  /** the last name that was acknowledged; null when nobody knows */
  name: string | null
  /** asked: the answer was lost, or it was a refusal that says nothing about later */
  deletion: 'none' | 'asked' | 'acknowledged'
}

export class Ledger {
  readonly things: Thing[] = []
  readonly objects = new ObjectBook()
  #byId = new Map<string, Thing>()
  #renames = new Map<Thing, { asked: number; open: number }>()

  /** `deletion` 'asked' from the start: an image that is still to be made goes when that fails, or when its server does. */
  add(thing: Omit<Thing, 'deletion'>, deletion: Thing['deletion'] = 'none'): void {
    const added: Thing = { ...thing, deletion }
    this.things.push(added)
    this.#byId.set(thing.id, added)
  }

  find(id: string): Thing | undefined {
    return this.#byId.get(id)
  }

  /**
   * Gives it another name; whether that is its name now. Of two requests at a time nobody knows which was done last, and one
   * whose answer was lost may be done later.
   */
  async rename(thing: Thing, name: string, ask: () => Promise<{ status: number }>): Promise<boolean> {
    const renames = this.#renames.get(thing) ?? { asked: 0, open: 0 }
    this.#renames.set(thing, renames)
    const mine = ++renames.asked
    const isAlone = renames.open++ === 0
    thing.name = null
    const { status } = await ask()
    renames.open--
    if (status !== 200 || !isAlone || renames.asked !== mine) return false
    thing.name = name
    return true
  }

  /** One of the tenant's, now and then one that is being deleted. */
  any(random: Random, tenant: string, kind: Kind): Thing | undefined {
    const own = this.things.filter(
      (thing) => thing.kind === kind && thing.tenant === tenant && (thing.deletion === 'none' || thing.kind === 'image' || random() < 0.05),
    )
    return own.length === 0 ? undefined : pick(random, own)
  }
}
