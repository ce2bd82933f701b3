// CORS: a bucket's rules, which of them a request meets, and the same in the headers that Swift keeps of a container. A container has
// one setting: where Swift's headers say something else than the rules that S3 put last, Swift was later, and its headers count.
import { matches } from '../../access/index.ts'

export interface CorsRule {
  id?: string
  origins: string[]
  methods: string[]
  headers?: string[]
  expose?: string[]
  maxAgeSeconds?: number
}

export interface CorsAsked {
  origin: string
  method: string
  /** lower case */
  headers: string[]
}

const swift = {
  origin: 'x-container-meta-access-control-allow-origin',
  expose: 'x-container-meta-access-control-expose-headers',
  maxAge: 'x-container-meta-access-control-max-age',
} as const

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter((word) => word !== '')

/** What a container's metadata says of S3's rules: origins of all of them, and the first one's further answers. */
export function corsMetadata(rules: readonly CorsRule[]): Record<string, string> {
  const [first] = rules
  return {
    [swift.origin]: [...new Set(rules.flatMap(({ origins }) => origins))].join(' '),
    [swift.expose]: (first?.expose ?? []).join(' '),
    [swift.maxAge]: first?.maxAgeSeconds === undefined ? '' : String(first.maxAgeSeconds),
  }
}

/** The rules of a container, whichever door set them; undefined when none did. */
export function corsRulesOf(metadata: Readonly<Record<string, string>>, stored: CorsRule[] | undefined): CorsRule[] | undefined {
  if (stored && Object.entries(corsMetadata(stored)).every(([name, value]) => (metadata[name] ?? '') === value)) return stored
  const origins = words(metadata[swift.origin])
  if (origins.length === 0) return undefined
  const maxAge = Number(metadata[swift.maxAge] ?? '')
  return [
    {
      origins,
      methods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
      headers: ['*'],
      expose: words(metadata[swift.expose]),
      ...(metadata[swift.maxAge] !== undefined && Number.isInteger(maxAge) && { maxAgeSeconds: maxAge }),
    },
  ]
}

/** The first rule that lets this request in. */
export const corsRuleFor = (rules: readonly CorsRule[], { origin, method, headers }: CorsAsked): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.methods.includes(method) &&
      rule.origins.some((allowed) => matches(literalMarks(allowed), origin)) &&
      headers.every((name) => (rule.headers ?? []).some((allowed) => matches(literalMarks(allowed.toLowerCase()), name))),
  )

/** Only the star means something here; a question mark is no sign of these patterns, nor of any origin. */
const literalMarks = (pattern: string): string => pattern.replaceAll('?', '')

/** The headers that let a browser read the answer. */
export function corsHeaders(rule: CorsRule, { origin, headers }: CorsAsked): Record<string, string> {
  const isForAll = rule.origins.includes('*')
  const expose = rule.expose ?? []
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    'access-control-allow-credentials': String(!isForAll),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    'access-control-expose-headers': [...expose, ...(expose.some((name) => name.toLowerCase() === 'etag') ? [] : ['ETag'])].join(', '),
    ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}
