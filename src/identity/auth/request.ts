// The body of POST /auth/tokens, read: which methods with what proof, and which scope is wanted.
import { defined } from '../../platform/defined.ts'
import { ApiError, badRequest } from '../../platform/errors.ts'

export type Json = Record<string, unknown>

export interface Reference {
  id?: string
  name?: string
  domain?: { id?: string; name?: string }
}

export type WantedScope =
  | { kind: 'default' }
  | { kind: 'unscoped' }
  | { kind: 'project'; project: Reference }
  | { kind: 'domain'; domain: Reference }
  | { kind: 'system' }
  | { kind: 'trust'; id: string }

export interface LoginRequest {
  /** in the order given, each once, with what stands under its name */
  methods: { name: string; proof: Json }[]
  scope: WantedScope
}

export const supportedMethods = ['password', 'token', 'application_credential', 'totp', 'oauth1']
const methodsAtMost = 8
const unsupportedText = 'Attempted to authenticate with an unsupported method.'

export const expecting = (attribute: string, target: string) =>
  badRequest(
    `Expecting to find ${attribute} in ${target}. The server could not comply with the request since it is either malformed or otherwise ` +
      'incorrect. The client is assumed to be in error.',
  )

export function object(value: unknown, attribute: string, target: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expecting(attribute, target)
  return value as Json
}

const optionalText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** { id } or { name, domain: { id or name } }; anything else in it is ignored, as Keystone does. */
export function reference(value: unknown, what: string): Reference {
  const given = object(value, what, 'auth')
  const result: Reference = {}
  const [id, name] = [optionalText(given['id']), optionalText(given['name'])]
  if (id !== undefined) result.id = id
  if (name !== undefined) result.name = name
  if (given['domain'] !== undefined) {
    const domain = object(given['domain'], 'domain', what)
    const [domainId, domainName] = [optionalText(domain['id']), optionalText(domain['name'])]
    result.domain = defined({ id: domainId, name: domainName })
  }
  if (id === undefined && name === undefined) throw expecting('id or name', what)
  return result
}

/** Refuses a malformed body with 400 and a method that we do not have with 401. */
export function readLogin(body: unknown): LoginRequest {
  const auth = object((body as Json | undefined)?.['auth'], 'auth', 'request body')
  const identity = object(auth['identity'], 'identity', 'auth')
  const names = identity['methods']
  if (!Array.isArray(names) || names.length === 0 || names.length > methodsAtMost) throw expecting('methods', 'identity')
  const methods = [...new Set(names)].map((name: unknown) => {
    if (typeof name !== 'string' || !supportedMethods.includes(name)) throw new ApiError('unauthorized', unsupportedText)
    return { name, proof: object(identity[name], name, 'identity') }
  })
  return { methods, scope: readScope(auth['scope']) }
}

function readScope(scope: unknown): WantedScope {
  if (scope === undefined || scope === null) return { kind: 'default' }
  if (scope === 'unscoped') return { kind: 'unscoped' }
  const given = object(scope, 'project', 'scope')
  const kinds = ['project', 'domain', 'system', 'unscoped', 'OS-TRUST:trust'].filter((kind) => kind in given)
  if (kinds.length > 1) throw badRequest('You cannot be scoped to multiple targets.')
  switch (kinds[0]) {
    case 'project':
      return { kind: 'project', project: reference(given['project'], 'project') }
    case 'domain':
      return { kind: 'domain', domain: reference(given['domain'], 'domain') }
    case 'system':
      if (object(given['system'], 'system', 'scope')['all'] !== true) throw expecting('all', 'system')
      return { kind: 'system' }
    case 'OS-TRUST:trust':
      return { kind: 'trust', id: String(object(given['OS-TRUST:trust'], 'OS-TRUST:trust', 'scope')['id'] ?? '') }
    case 'unscoped':
      return { kind: 'unscoped' }
    default:
      throw expecting('project, domain, system or OS-TRUST:trust', 'scope')
  }
}
