// Access rules: requests that an application credential is limited to. A path is a pattern: `*` and `{name}` stand for
// one segment, `**` for any number. It is compared with the path of the service (/v2.1/servers) and with the whole one.

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

const special = /[.+?^$()|[\]\\]/g

function pattern(path: string): RegExp {
  const parts = path.split(/(\*\*|\*|\{[^}]*\})/)
  return new RegExp(`^${parts.map((part) => (part === '**' ? '.*' : part === '*' || part.startsWith('{') ? '[^/]+' : part.replace(special, '\\$&'))).join('')}$`)
}

/** A token can always be validated: services must be able to see what it allows. */
const isValidation = ({ service, method, path }: RuledRequest): boolean => service === 'identity' && method === 'GET' && path.endsWith('/v3/auth/tokens')

export function isAllowed(rules: AccessRule[], request: RuledRequest): boolean {
  const { path, prefix } = request
  const inService = path.startsWith(prefix) ? path.slice(prefix.length) : path
  return (
    isValidation(request) ||
    rules.some((rule) => {
      if (rule.service !== request.service || rule.method !== request.method) return false
      const wanted = pattern(rule.path)
      return wanted.test(inService) || wanted.test(path)
    })
  )
}
