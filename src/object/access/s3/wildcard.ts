// Patterns of bucket policies: `*` is any run of characters, `?` any one. Matched by two pointers that go back to the last star
// only; variables (`${aws:username}`) stand for exactly their text. That is still pattern times text, and a policy has many patterns:
// what is judged in one request shares one bound on its steps.

/** Steps that are left to a request; about 20 ms of them. */
export interface Work {
  left: number
}
const stepsAtMost = 2_000_000
export const workBegin = (): Work => ({ left: stepsAtMost })

/** A policy that costs more than any request may. */
export class TooMuchWork extends Error {}

function spend(work: Work | undefined, steps: number): void {
  if (work && (work.left -= steps) < 0) throw new TooMuchWork('the patterns of a policy take too long')
}

const star = -1
const any = -2

/** A compiled pattern: character codes, and the two signs. */
export type Wildcard = readonly number[]

const plainVariables = new Map([
  ['*', '*'],
  ['?', '?'],
  ['$', '$'],
])

/** Compiles a pattern; null when it names a variable that this request has not (such a pattern matches nothing). */
export function wildcard(pattern: string, variable?: (name: string) => string | undefined, work?: Work): Wildcard | null {
  spend(work, pattern.length)
  const signs: number[] = []
  for (let at = 0; at < pattern.length; at++) {
    const end = variable && pattern.startsWith('${', at) ? pattern.indexOf('}', at) : -1
    if (variable && end > 0) {
      const name = pattern.slice(at + 2, end)
      const value = plainVariables.get(name) ?? variable(name)
      if (value === undefined) return null
      spend(work, value.length)
      for (let index = 0; index < value.length; index++) signs.push(value.charCodeAt(index))
      at = end
    } else if (pattern[at] === '*') {
      if (signs.at(-1) !== star) signs.push(star)
    } else {
      signs.push(pattern[at] === '?' ? any : pattern.charCodeAt(at))
    }
  }
  return signs
}

export function wildcardMatches(pattern: Wildcard, text: string, work?: Work): boolean {
  let inPattern = 0
  let inText = 0
  let lastStar = -1
  let resume = 0
  while (inText < text.length) {
    spend(work, 1)
    const sign = pattern[inPattern]
    if (sign === star) {
      lastStar = inPattern++
      resume = inText
    } else if (sign === any || sign === text.charCodeAt(inText)) {
      inPattern++
      inText++
    } else if (lastStar >= 0) {
      inPattern = lastStar + 1
      inText = ++resume
    } else {
      return false
    }
  }
  while (pattern[inPattern] === star) inPattern++
  return inPattern === pattern.length
}

/** For patterns without variables. */
export const matches = (pattern: string, text: string): boolean => wildcardMatches(wildcard(pattern) ?? [], text)
