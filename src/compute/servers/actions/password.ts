// Administrators' passwords of guests. The cloud makes one up for the answers that show one; it keeps none.
import type { Ids } from '../../../platform/ids.ts'

const groups = ['23456789', 'ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz']
const length = 12

/** Twelve characters, at least one of each kind, none that look alike. */
export function generatedPassword(ids: Ids): string {
  const bytes = [...ids.bytes(length * 2)]
  const from = (set: string, byte = 0) => set[byte % set.length] ?? ''
  const all = groups.join('')
  const characters = bytes.slice(0, length).map((byte, index) => from(groups[index] ?? all, byte))
  return characters
    .map((character, index) => ({ character, order: bytes[length + index] ?? 0 }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ character }) => character)
    .join('')
}
