// The query of a request: names and values decoded, in order; of what is repeated the first counts.
import { decoded } from './path.ts'

/** So many parameters count; what follows them is not looked at. */
const mostParameters = 500

export class Query {
  readonly #pairs: [name: string, value: string][]
  /** a name or value is not UTF-8 */
  readonly isUnfit: boolean

  constructor(pairs: [string, string][], isUnfit = false) {
    this.#pairs = pairs
    this.isUnfit = isUnfit
  }

  /** Out of what stands behind the question mark. */
  static of(raw: string): Query {
    if (raw === '') return new Query([])
    const pairs: [string, string][] = []
    let isUnfit = false
    for (const part of raw.split('&', mostParameters)) {
      if (part === '') continue
      const equals = part.indexOf('=')
      const name = decodedWord(equals < 0 ? part : part.slice(0, equals))
      const value = decodedWord(equals < 0 ? '' : part.slice(equals + 1))
      if (name === null || value === null) isUnfit = true
      else pairs.push([name, value])
    }
    return new Query(pairs, isUnfit)
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0 && !this.isUnfit
  }
  get(name: string): string | null {
    for (const [each, value] of this.#pairs) if (each === name) return value
    return null
  }
  has(name: string): boolean {
    return this.#pairs.some(([each]) => each === name)
  }
  all(): readonly [name: string, value: string][] {
    return this.#pairs
  }
  /** A query with some parameters set anew (null: without them). */
  with(changes: Record<string, string | null>): Query {
    const kept = this.#pairs.filter(([name]) => !Object.hasOwn(changes, name))
    for (const [name, value] of Object.entries(changes)) if (value !== null) kept.push([name, value])
    return new Query(kept)
  }
}

const decodedWord = (text: string): string | null => decoded(text.includes('+') ? text.replaceAll('+', ' ') : text, true)

/** Words that Swift takes for a yes: true, 1, yes, on, t, y. */
export const isTrue = (value: string | null | undefined): boolean =>
  value !== null && value !== undefined && ['true', '1', 'yes', 'on', 't', 'y'].includes(value.toLowerCase())
