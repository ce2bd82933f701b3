// How much one request may hold, whatever its operation: checked before any schema, filter or domain looks at it, since
// one thread serves everybody. A schema may ask for less, never for more. What is counted is linear in what was sent.
import { badRequest } from '../errors.ts'

/** of a JSON body, unless the service says less or more: what oslo's own size limiter lets through */
export const usualBodyBytes = 114_688

export const limits = {
  /** objects and lists within each other */
  depth: 64,
  /** of one list */
  items: 1_000,
  /** of one object */
  properties: 5_000,
  /** of one text, in characters */
  characters: 65_536,
  /** of a property's name */
  keyCharacters: 1_024,
  /** parameters of a query, each repetition and each value between commas counted: any of them may become a term of a statement */
  parameters: 500,
} as const

/** Refuses what is nested too deeply before the text becomes objects: counts brackets outside of strings. */
export function checkDepth(json: string): void {
  let depth = 0
  let quoted = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limits.depth) throw badRequest(`The request body is nested more than ${limits.depth} levels deep.`)
    } else if (code === 0x5d || code === 0x7d) depth--
  }
}

// control characters that no text of an API holds: tab and line ends are not among them, DEL and C1 are
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
// eslint-disable-next-line no-control-regex
const anyControl = /[\u0000-\u001f\u007f-\u009f]/

/** Does the text hold what no database and no terminal should be given: NUL, escape codes, lone surrogates? */
export const isUnfit = (text: string): boolean => control.test(text) || !text.isWellFormed()

/** Names stand in one line: not even line ends. */
const isNameKey = (key: string): boolean => key === 'name' || key === 'display_name'

/** Refuses a parsed body whose lists, objects or texts are too large, or hold what no text may. */
export function checkBody(body: unknown): void {
  const open: [value: unknown, key: string][] = [[body, '']]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, key] = next
    if (typeof value === 'string') checkText(value, key)
    else if (Array.isArray(value)) {
      if (value.length > limits.items)
        throw badRequest(`Invalid input for field/attribute ${shown(key)}: it has ${value.length} items, more than ${limits.items}.`)
      for (const item of value) if (typeof item === 'string' || (typeof item === 'object' && item !== null)) open.push([item, key])
    } else if (typeof value === 'object' && value !== null) checkObject(value as Record<string, unknown>, key, open)
  }
}

function checkObject(value: Record<string, unknown>, key: string, open: [unknown, string][]): void {
  const names = Object.keys(value)
  if (names.length > limits.properties)
    throw badRequest(`Invalid input for field/attribute ${shown(key)}: it has ${names.length} properties, more than ${limits.properties}.`)
  for (const name of names) {
    if (name === '__proto__') throw badRequest("Invalid input: '__proto__' is no name for a property.")
    if (name.length > limits.keyCharacters) throw badRequest(`Invalid input: the property name ${shown(name)} is too long.`)
    if (anyControl.test(name) || isUnfit(name))
      throw badRequest(`Invalid input: the property name ${shown(name)} contains characters that are not allowed.`)
    const inner = value[name]
    if (typeof inner === 'string' || (typeof inner === 'object' && inner !== null)) open.push([inner, name])
  }
}

function checkText(text: string, key: string): void {
  if (text.length > limits.characters)
    throw badRequest(`Invalid input for field/attribute ${shown(key)}. Value: ${shown(text)}. It is too long.`)
  if (isUnfit(text) || (isNameKey(key) && anyControl.test(text))) {
    throw badRequest(`Invalid input for field/attribute ${shown(key)}. Value: ${shown(text)}. It contains characters that are not allowed.`)
  }
}

/** Refuses a query of too many parameters, or one with what no text may hold. */
export function checkQuery(query: Record<string, unknown>): void {
  let count = 0
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value]
    count += values.reduce<number>((sum, one) => sum + String(one).split(',').length, 0)
    if (count > limits.parameters) throw badRequest(`The query has more than ${limits.parameters} parameters and values.`)
    if (isUnfit(name) || values.some((one) => isUnfit(String(one))))
      throw badRequest(`Invalid input for query parameters ${shown(name)}: it contains characters that are not allowed.`)
  }
}

/** The beginning of a text with nothing in it that a terminal would act on. */
const shown = (text: string): string =>
  JSON.stringify(text.slice(0, 80).toWellFormed())
    .slice(1, -1)
    .replace(/[\u007f-\u009f]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
