// What tenants know of their objects: what each name may hold, by the MD5 of it, as far as anybody can say. A request whose answer
// was lost may be done at any later time; of two at once nobody knows which was done last.
import { createHash } from 'node:crypto'
import type { Answer } from './control.ts'

/** there is no such object */
export const absent = ''

export interface Name {
  tenant: string
  container: string
  object: string
  /** what it may hold now */
  can: Set<string>
  /** what it may hold at any later time too */
  lost: Set<string>
  /** all that it ever may have held */
  ever: Set<string>
  /** a copy whose answer was lost may have brought anything */
  isUnknown: boolean
  asked: number
  open: number
}

export interface Write {
  /** one of these, if it is done */
  becomes: string[]
  ask(): Promise<Answer>
  /** what the answer says that it holds now; undefined: nothing was changed, or nobody can tell */
  is(answer: Answer): string | undefined
}

export class ObjectBook {
  readonly #names = new Map<string, Name>()

  get names(): Name[] {
    return [...this.#names.values()]
  }

  name(tenant: string, container: string, object: string): Name {
    const key = `${tenant}/${container}/${object}`
    const known = this.#names.get(key)
    if (known) return known
    const made: Name = {
      tenant,
      container,
      object,
      can: new Set([absent]),
      lost: new Set(),
      ever: new Set([absent]),
      isUnknown: false,
      asked: 0,
      open: 0,
    }
    this.#names.set(key, made)
    return made
  }

  /** Writes it; what was acknowledged to who asked alone is what it holds. */
  async write(name: Name, { becomes, ask, is }: Write): Promise<void> {
    const mine = ++name.asked
    const isAlone = name.open++ === 0
    for (const each of becomes) for (const known of [name.can, name.ever]) known.add(each)
    try {
      const now = is(await ask())
      if (now === undefined) return
      name.can.add(now)
      name.ever.add(now)
      if (isAlone && name.asked === mine) name.can = new Set([now, ...name.lost])
    } catch (error) {
      // done later, or never
      for (const each of becomes) name.lost.add(each)
      throw error
    } finally {
      name.open--
    }
  }
}

export const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex')
