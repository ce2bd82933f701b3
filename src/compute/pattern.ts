// Patterns that users give in list filters. JavaScript's own engine can be made to run for ever by a pattern, and one
// thread serves everybody: this one walks all possibilities at once, so that its time is pattern × text.

type Test = (character: string) => boolean
/** what a state does: take a character, split, check an end, or accept */
type State = { take: Test; next: number } | { split: [number, number] } | { at: 'start' | 'end'; next: number } | 'accept'

const maxStates = 2_000
export class PatternError extends Error {}

export interface Pattern {
  /** somewhere in the text, case does not matter */
  matches(text: string): boolean
}

/** Compiles literals, `.`, classes, groups, `|`, `* + ? {n,m}`, `^` and `$`. Throws PatternError on anything else. */
export function compilePattern(source: string): Pattern {
  const states: State[] = []
  const add = (state: State): number => {
    if (states.push(state) > maxStates) throw new PatternError('the pattern is too long')
    return states.length - 1
  }
  const accept = add('accept')
  const start = parse(source, add)(accept)
  return {
    matches(text) {
      const lower = text.toLowerCase()
      let current = new Set<number>()
      for (let at = 0; at <= lower.length; at++) {
        spread(states, current, start, { at, length: lower.length })
        if (current.has(accept)) return true
        const after = new Set<number>()
        for (const index of current) {
          const state = states[index]
          if (typeof state === 'object' && 'take' in state && at < lower.length && state.take(lower[at] ?? '')) spread(states, after, state.next, { at: at + 1, length: lower.length })
        }
        if (after.has(accept)) return true
        current = after
      }
      return false
    },
  }
}

function spread(states: State[], into: Set<number>, from: number, place: { at: number; length: number }): void {
  const stack = [from]
  while (stack.length > 0) {
    const index = stack.pop() ?? 0
    if (into.has(index)) continue
    const state = states[index]
    if (typeof state === 'object' && 'at' in state) {
      if (state.at === 'start' ? place.at === 0 : place.at === place.length) stack.push(state.next)
      continue
    }
    into.add(index)
    if (typeof state === 'object' && 'split' in state) stack.push(...state.split)
  }
}

/** A piece of the pattern: given where to go afterwards, makes its states and says where to begin. */
type Piece = (next: number) => number

function parse(source: string, add: (state: State) => number): Piece {
  let at = 0
  const peek = () => source[at]
  const fail = (): never => {
    throw new PatternError(`cannot read the pattern at character ${at}`)
  }
  function alternatives(): Piece {
    const first = sequence()
    if (peek() !== '|') return first
    at++
    const second = alternatives()
    return (next) => add({ split: [first(next), second(next)] })
  }
  function sequence(): Piece {
    const pieces: Piece[] = []
    while (at < source.length && peek() !== '|' && peek() !== ')') pieces.push(repeated(atom()))
    return (next) => pieces.reduceRight((then, piece) => piece(then), next)
  }
  function repeated(piece: Piece): Piece {
    const sign = peek()
    const counts = /^\{(\d{1,2})(,(\d{0,2}))?\}/.exec(source.slice(at))
    if (sign === '*' || sign === '+' || sign === '?') {
      at++
      if (peek() === '?') at++
      return sign === '*' ? many(piece) : sign === '+' ? (next) => piece(many(piece)(next)) : optional(piece)
    }
    if (!counts) return piece
    at += counts[0].length
    const min = Number(counts[1])
    const max = counts[2] === undefined ? min : counts[3] === '' ? null : Number(counts[3])
    return (next) => {
      let then = max === null ? many(piece)(next) : next
      for (let extra = min; extra < (max ?? min); extra++) then = add({ split: [piece(then), next] })
      for (let count = 0; count < min; count++) then = piece(then)
      return then
    }
  }
  const optional = (piece: Piece): Piece => (next) => add({ split: [piece(next), next] })
  const many = (piece: Piece): Piece => (next) => {
    const loop: { split: [number, number] } = { split: [next, next] }
    const index = add(loop)
    loop.split = [piece(index), next]
    return index
  }
  const take = (test: Test): Piece => (next) => add({ take: test, next })
  function atom(): Piece {
    const sign = source[at++] ?? fail()
    if (sign === '.') return take(() => true)
    if (sign === '^') return (next) => add({ at: 'start', next })
    if (sign === '$') return (next) => add({ at: 'end', next })
    if (sign === '[') return take(characters())
    if (sign === '(') {
      if (source.startsWith('?:', at)) at += 2
      const inner = alternatives()
      if (source[at++] !== ')') fail()
      return inner
    }
    if (sign === '*' || sign === '+' || sign === '?') return fail()
    if (sign === '\\') return take(escape())
    const wanted = sign.toLowerCase()
    return take((character) => character === wanted)
  }
  function escape(): Test {
    const sign = source[at++] ?? fail()
    const known = classes[sign]
    if (known) return known
    const wanted = sign.toLowerCase()
    return (character) => character === wanted
  }
  function characters(): Test {
    const negated = peek() === '^'
    if (negated) at++
    const tests: Test[] = []
    for (let first = true; first || peek() !== ']'; first = false) {
      if (at >= source.length) fail()
      const sign = source[at++] ?? ''
      if (sign === '\\') tests.push(escape())
      else if (peek() === '-' && source[at + 1] !== ']' && at + 1 < source.length) {
        const [from, to] = [sign.toLowerCase(), (source[at + 1] ?? '').toLowerCase()]
        at += 2
        tests.push((character) => character >= from && character <= to)
      } else tests.push((character) => character === sign.toLowerCase())
    }
    at++
    return (character) => tests.some((test) => test(character)) !== negated
  }
  const all = alternatives()
  if (at < source.length) fail()
  return all
}

const classes: Record<string, Test> = {
  d: (character) => /\d/.test(character),
  D: (character) => /\D/.test(character),
  w: (character) => /\w/.test(character),
  W: (character) => /\W/.test(character),
  s: (character) => /\s/.test(character),
  S: (character) => /\S/.test(character),
}
