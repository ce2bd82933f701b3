// Browsers of other origins: a container's metadata says who may ask, which headers they see and how long they need not ask again.
// OPTIONS ends here. In strict mode, which is ours, an origin that is not allowed sees no header of this kind.
import { answer, type Headers, type SwiftAnswer } from './answer.ts'
import { allowedMethods } from './path-rules.ts'
import type { SwiftRequest } from './request.ts'
import type { Step } from './steps.ts'

const alwaysExposed = [
  'cache-control',
  'content-language',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
  'etag',
  'x-timestamp',
  'x-trans-id',
  'x-openstack-request-id',
]
const metaPrefix = 'x-container-meta-access-control-'

interface Cors {
  allowOrigin: string[]
  maxAge: string | undefined
  exposed: string[]
}

async function corsOf(request: SwiftRequest): Promise<Cors> {
  const metadata = (await request.containerRow())?.metadata ?? {}
  const words = (name: string) => (metadata[`${metaPrefix}${name}`] ?? '').split(' ').filter((word) => word !== '')
  return { allowOrigin: words('allow-origin'), maxAge: metadata[`${metaPrefix}max-age`], exposed: words('expose-headers') }
}

const isAllowed = ({ allowOrigin }: Cors, origin: string): boolean => allowOrigin.includes('*') || allowOrigin.includes(origin)

export const cors: Step = async (request, next) => {
  const origin = request.headers['origin']
  if (request.method === 'OPTIONS') return preflight(request, origin)
  const made = await next(request)
  if (origin === undefined || request.container === null) return made
  const rules = await corsOf(request)
  if (isAllowed(rules, origin)) expose(made, { rules, origin })
  return made
}

/** The origin is answered as `*` where all may ask, else by name, and caches are told so. */
function allowOrigin(headers: Record<string, string>, { rules, origin }: { rules: Cors; origin: string }): void {
  const isOpen = rules.allowOrigin.join(' ') === '*'
  headers['access-control-allow-origin'] = isOpen ? '*' : origin
  if (!isOpen) headers['vary'] = vary(headers['vary'], 'Origin')
}

function expose({ headers }: SwiftAnswer, told: { rules: Cors; origin: string }): void {
  const metadata = Object.keys(headers).filter((name) => name.startsWith('x-container-meta-') || name.startsWith('x-object-meta-'))
  const exposed = [...alwaysExposed, ...metadata, ...told.rules.exposed.map((name) => name.toLowerCase())]
  headers['access-control-expose-headers'] ??= [...new Set(exposed)].join(', ')
  if (headers['access-control-allow-origin'] === undefined) allowOrigin(headers, told)
}

async function preflight(request: SwiftRequest, origin: string | undefined): Promise<SwiftAnswer> {
  const methods = allowedMethods(request)
  const allow = methods.join(', ')
  if (origin === undefined || request.container === null) return answer(200, { headers: { allow } })
  const rules = await corsOf(request)
  const method = request.headers['access-control-request-method']
  if (!isAllowed(rules, origin) || method === undefined || !methods.includes(method)) return answer(401, { headers: { allow } })
  const headers: Headers = { allow, 'access-control-allow-methods': allow }
  allowOrigin(headers, { rules, origin })
  if (rules.maxAge !== undefined) headers['access-control-max-age'] = rules.maxAge
  const wanted = request.headers['access-control-request-headers']
  if (wanted !== undefined && wanted !== '') {
    headers['access-control-allow-headers'] = wanted
    headers['vary'] = vary(headers['vary'], 'Access-Control-Request-Headers')
  }
  return answer(200, { headers })
}

export const vary = (before: string | undefined, name: string): string => (before === undefined ? name : `${before}, ${name}`)
