// Access rules: requests that an application credential is limited to. A path is a pattern: `*` and `{name}` stand for
// one segment, `**` for any number. It is compared with the path of the service (/v2.1/servers) and with the whole one.

import { LRUCache } from 'lru-cache'
import { compilePattern, literally, PatternError, type Pattern } from '../pattern.ts'

export interface AccessRule {
  service: string
  method: string
  path: string
}

export interface RuledRequest {
  /** the service's word in the catalog, and its path prefix */
  service: string
  prefix: string
  method: string
  /** without the query */
  path: string
}

/** Compiled once for each path: the same rules are asked at every request of their credential. */
const compiled = new LRUCache<string, Pattern>({ max: 1_000 })

function pattern(path: string): Pattern {
  let known = compiled.get(path)
  if (!known) compiled.set(path, (known = compileRule(path)))
  return known
}

/** A path that is too large for a pattern allows nothing. */
function compileRule(path: string): Pattern {
  const parts = path.split(/(\*\*|\*|\{[^{}]*\})/)
  const source = parts
    .map((part) => (part === '**' ? '.*' : part === '*' || /^\{[^{}]*\}$/.test(part) ? '[^/]+' : literally(part)))
    .join('')
  try {
    return compilePattern(`^${source}$`)
  } catch (error) {
    if (error instanceof PatternError) return { matches: () => false, stepsPerCharacter: 0 }
    throw error
  }
}

/** A token can always be validated: services must be able to see what it allows. */
const isValidation = ({ service, method, path }: RuledRequest): boolean =>
  service === 'identity' && method === 'GET' && path.endsWith('/v3/auth/tokens')

export function isAllowed(rules: AccessRule[], request: RuledRequest): boolean {
  const { path, prefix } = request
  const inService = path.startsWith(prefix) ? path.slice(prefix.length) : path
  return (
    isValidation(request) ||
    rules.some((rule) => {
      if (rule.service !== request.service || rule.method !== request.method) return false
      const wanted = pattern(rule.path)
      return wanted.matches(inService) || wanted.matches(path)
    })
  )
}
