// oslo.policy's rule language, compiled once to closures: `role:admin or project_id:%(project_id)s`, `rule:x`,
// `not`, parentheses, `@` (always), `!` (never), list form. What oslo.policy answers, this answers: see the tests.
// Asked without a target (`null`) a check says what the token alone decides: true, false, or undefined when it hangs on
// what the target is. So a request whose token cannot satisfy a rule is refused before anything of it is looked at.

import { compilePattern, PatternError, type Pattern } from '../pattern.ts'

/** What the token says, by the names that rules use. */
export interface Credentials {
  roles: string[]
  user_id: string
  project_id: string | null
  domain_id: string | null
  user_domain_id: string | null
  project_domain_id: string | null
  system_scope: 'all' | null
  [attribute: string]: unknown
}

export type Target = Record<string, unknown>
/** undefined only when there was no target to look at */
export type Decision = boolean | undefined
/** Decides a rule that another one names; false when there is none of that name. */
export type Named = (name: string, target: Target | null, credentials: Credentials) => Decision
export type Check = (target: Target | null, credentials: Credentials, named: Named) => Decision

export class PolicySyntaxError extends Error {}

/** Compiles one rule; what `rule:name` stands for is asked at decision time, so that order does not matter. */
export function compile(text: string): Check {
  const tokens = tokenize(text)
  if (tokens.length === 0) return () => true
  let position = 0
  const peek = () => tokens[position]?.toLowerCase()

  function parseOr(): Check {
    let left = parseAnd()
    while (peek() === 'or') {
      position++
      const [a, b] = [left, parseAnd()]
      left = either(a, b)
    }
    return left
  }
  function parseAnd(): Check {
    let left = parseNot()
    while (peek() === 'and') {
      position++
      const [a, b] = [left, parseNot()]
      left = both(a, b)
    }
    return left
  }
  function parseNot(): Check {
    if (peek() !== 'not') return parsePrimary()
    position++
    const inner = parseNot()
    return negated(inner)
  }
  function parsePrimary(): Check {
    const token = tokens[position++]
    if (token === undefined) throw new PolicySyntaxError(`the rule ends too early: ${text}`)
    if (token !== '(') return leaf(token)
    const inner = parseOr()
    if (tokens[position++] !== ')') throw new PolicySyntaxError(`a parenthesis is not closed: ${text}`)
    return inner
  }
  const check = parseOr()
  if (position !== tokens.length) throw new PolicySyntaxError(`unexpected '${tokens[position]}' in rule: ${text}`)
  return check
}

const either =
  (a: Check, b: Check): Check =>
  (target, credentials, named) => {
    const first = a(target, credentials, named)
    if (first) return true
    const second = b(target, credentials, named)
    return second ? true : first === undefined ? undefined : second
  }

const both =
  (a: Check, b: Check): Check =>
  (target, credentials, named) => {
    const first = a(target, credentials, named)
    if (first === false) return false
    const second = b(target, credentials, named)
    return second === false ? false : first === undefined ? undefined : second
  }

const negated =
  (inner: Check): Check =>
  (target, credentials, named) => {
    const decided = inner(target, credentials, named)
    return decided === undefined ? undefined : !decided
  }

/** The rules that a rule names by `rule:`. */
export const references = (text: string): string[] =>
  tokenize(text)
    .filter((token) => token.startsWith('rule:'))
    .map((token) => token.slice('rule:'.length))

/** A rule as a file may hold it: text, or lists of lists (any of them, all within); null when it is neither. */
export function ruleText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return null
  const alternatives = value.map((each) => (Array.isArray(each) ? each : [each]))
  if (alternatives.some((each) => each.some((part) => typeof part !== 'string'))) return null
  if (alternatives.length === 0) return ''
  return (
    alternatives
      .filter((each) => each.length > 0)
      .map((each) => `(${each.join(' and ')})`)
      .join(' or ') || '!'
  )
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  const pattern = /\s*(\(|\)|(?:'[^']*'|"[^"]*"|%\([^)]*\)s|[^\s()'"%]|%)+)/gy
  const trimmed = text.trim()
  while (pattern.lastIndex < trimmed.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(trimmed)
    if (!match?.[1]) throw new PolicySyntaxError(`cannot read the rule at character ${at}: ${text}`)
    tokens.push(match[1])
  }
  return tokens
}

function leaf(token: string): Check {
  if (token === '@') return () => true
  if (token === '!') return () => false
  const colon = token.indexOf(':')
  if (colon < 0) throw new PolicySyntaxError(`'${token}' is not a check: it needs kind:value`)
  const kind = token.slice(0, colon)
  const match = token.slice(colon + 1)
  if (kind === 'rule') return (target, credentials, named) => named(match, target, credentials)
  if (kind === 'field') return fieldCheck(match)
  if (kind === 'http' || kind === 'https') throw new PolicySyntaxError(`'${token}' asks another server: that is not supported`)
  if (kind === 'role') {
    const wanted = template(match)
    return (target, credentials) => {
      const filled = wanted(target)
      if (filled === null) return undefined
      const role = filled?.toLowerCase()
      return role !== undefined && credentials.roles.some((held) => held.toLowerCase() === role)
    }
  }
  return genericCheck(kind, template(match))
}

/** Neutron's `field:networks:shared=True` and `field:port:device_owner=~^network:`: looks at the target alone. */
function fieldCheck(match: string): Check {
  const parts = /^[^:]+:(.+?)=(~?)(.*)$/.exec(match)
  if (!parts) throw new PolicySyntaxError(`'field:${match}' is not field:resource:attribute=value`)
  const [, field = '', tilde, value = ''] = parts
  const pattern = tilde === '~' ? patternOf(value) : null
  return (target) => {
    if (target === null) return undefined
    const held = lookUp(target, field)
    if (held === undefined || held === null) return false
    return pattern ? typeof held === 'string' && pattern.matches(held) : pythonText(held) === value
  }
}

function patternOf(text: string): Pattern {
  try {
    return compilePattern(text)
  } catch (error) {
    if (error instanceof PatternError) throw new PolicySyntaxError(error.message, { cause: error })
    throw error
  }
}

/** `attribute:%(x)s` compares the token's attribute, `'literal':%(x)s` and `None:%(x)s` a constant, with the target's. */
function genericCheck(kind: string, wanted: Template): Check {
  const constant = literal(kind)
  return (target, credentials) => {
    const value = wanted(target)
    if (value === null) return undefined
    if (value === undefined) return false
    if (constant !== undefined) return constant === value
    return isHeld(credentials, kind.split('.'), value)
  }
}

/** Walks into the token's attributes; of a list, one element that fits is enough. */
function isHeld(held: unknown, path: string[], wanted: string): boolean {
  if (Array.isArray(held)) return held.some((item) => isHeld(item, path, wanted))
  const [key, ...rest] = path
  if (key === undefined) return held !== undefined && pythonText(held) === wanted
  if (typeof held !== 'object' || held === null || !Object.hasOwn(held, key)) return false
  return isHeld((held as Record<string, unknown>)[key], rest, wanted)
}

function literal(text: string): string | undefined {
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text)
  if (quoted) return quoted[1] ?? quoted[2] ?? ''
  if (/^-?\d+$/.test(text)) return String(Number(text))
  return text === 'None' || text === 'True' || text === 'False' ? text : undefined
}

/** undefined when the target lacks what is asked for (the check then fails, as in oslo.policy); null when there is no target */
type Template = (target: Target | null) => string | undefined | null

/** Fills `%(name)s` from the target. */
function template(text: string): Template {
  const parts = text.split(/%\(([^)]*)\)s/)
  if (parts.length === 1) return () => text
  return (target) => {
    if (target === null) return null
    let result = ''
    for (const [index, part] of parts.entries()) {
      if (index % 2 === 0) result += part
      else {
        const value = lookUp(target, part)
        if (value === undefined) return undefined
        result += pythonText(value)
      }
    }
    return result
  }
}

function lookUp(object: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path]
  let value: unknown = object
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** Rules were written against Python's str(): None, True, False. */
function pythonText(value: unknown): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  return String(value)
}
