// Nova's little language in extra specs: `<in> x`, `<or> a <or> b`, `s== x`, `>= 5`, `=`, or plain equality.
import { table } from '../../../platform/table.ts'
const textual: Record<string, (value: string, wanted: string) => boolean> = table({
  's==': (value, wanted) => value === wanted,
  's!=': (value, wanted) => value !== wanted,
  's<': (value, wanted) => value < wanted,
  's<=': (value, wanted) => value <= wanted,
  's>': (value, wanted) => value > wanted,
  's>=': (value, wanted) => value >= wanted,
})
const numeric: Record<string, (value: number, wanted: number) => boolean> = table({
  '=': (value, wanted) => value >= wanted,
  '==': (value, wanted) => value === wanted,
  '!=': (value, wanted) => value !== wanted,
  '<': (value, wanted) => value < wanted,
  '<=': (value, wanted) => value <= wanted,
  '>': (value, wanted) => value > wanted,
  '>=': (value, wanted) => value >= wanted,
})

/** Does the value satisfy the extra spec's requirement? */
export function satisfies(value: string, requirement: string): boolean {
  const [operator = '', ...rest] = requirement.trim().split(/\s+/)
  if (operator === '<or>')
    return requirement
      .split('<or>')
      .map((part) => part.trim())
      .some((part) => part !== '' && part === value)
  if (operator === '<in>') return value.includes(rest.join(' '))
  if (operator === '<all-in>') return rest.every((part) => value.includes(part))
  const text = textual[operator]
  if (text && rest.length > 0) return text(value, rest.join(' '))
  const number = numeric[operator]
  if (number && rest.length > 0) return number(Number(value), Number(rest[0]))
  return value === requirement
}
