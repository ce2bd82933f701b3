// The words that clients write for yes, no and neither, read as the services' own readers read them: oslo's
// bool_from_string in its lenient and its strict form, Keystone's filters, 'none' in any case.
// A list of spellings of one's own would be wrong for one client or another.
import { badRequest } from '../errors.ts'

const yes = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const no = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

const acceptable = [...yes, ...no]
  .sort()
  .map((word) => `'${word}'`)
  .join(', ')

/** How bodies of Nova and Cinder may spell yes and no: their schemas list these, in these cases and no others. */
export const yesInBodies = ['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't']
export const noInBodies = ['False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f']

/** As Python prints it, which is what oslo reads when it is given no text. */
const spelled = (value: unknown): string => (value === null || value === undefined ? 'none' : String(value).trim().toLowerCase())

/** true, false, or null for what is neither: with blanks around it, in any case. Neutron's convert_to_boolean reads the same, and words its 400 itself. */
export function readBoolean(value: unknown): boolean | null {
  const word = spelled(value)
  return yes.has(word) ? true : no.has(word) ? false : null
}

/** oslo's bool_from_string: what cannot be read is `otherwise`. */
export const lenientBoolean = (value: unknown, otherwise = false): boolean => readBoolean(value) ?? otherwise

/** oslo's words for what its strict reader refuses. */
export const unrecognized = (value: unknown): string =>
  `Unrecognized value '${value === null || value === undefined ? 'None' : String(value)}', acceptable values are: ${acceptable}`

/** oslo's bool_from_string(strict=True): what cannot be read is a 400, in oslo's words unless the service has its own. */
export function strictBoolean(value: unknown, message: (value: unknown) => string = unrecognized): boolean {
  const read = readBoolean(value)
  if (read === null) throw badRequest(message(value))
  return read
}

/** The word none, in any case: both yes and no (Nova's and Cinder's is_none_string). */
export const isNoneWord = (value: unknown): boolean => typeof value === 'string' && value.toLowerCase() === 'none'

/** `is_public` of flavors, volume types and group types: absent is yes, none is null (both), what cannot be read a 400. */
export function publicFilter(value: string | undefined): boolean | null {
  if (value === undefined) return true
  if (isNoneWord(value)) return null
  return strictBoolean(value, (word) => `Invalid is_public filter [${String(word)}]`)
}

/** Keystone's boolean filters: the bare name means yes (`?enabled` and `?enabled=`), what cannot be read is a 400. */
export const keystoneBoolean = (name: string, value: unknown): boolean =>
  value === '' ||
  strictBoolean(
    value,
    (word) =>
      `Invalid input for field '${name}': '${String(word)}' is not one of 'true', 'false', '1', '0', 'yes', 'no', 'on', 'off', 'y', 'n', 't', 'f'.`,
  )

/** Keystone's switches (`?nocatalog`, `?effective`): said at all means yes, unless it is exactly 0. */
export const keystoneSwitch = (value: string | undefined): boolean => value !== undefined && value !== '0'

/** One of a fixed list of words, as the list spells it, whatever the case it was asked in; undefined when it is none of them. */
export function wordOf<Word extends string>(words: readonly Word[], asked: string): Word | undefined {
  const wanted = asked.trim().toLowerCase()
  return words.find((word) => word.toLowerCase() === wanted)
}
