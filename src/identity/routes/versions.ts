// The version documents: /identity (300, as Keystone answers) and /identity/v3, also as JSON home.
import { operation, Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { oncePerUrl } from '../../platform/api/version-document.ts'
import { jsonHome } from '../views/json-home.ts'

const version = oncePerUrl((publicUrl) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${publicUrl}/identity/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
}))

const vary = { vary: 'X-Auth-Token' }
const homeType = 'application/json-home'
const wantsHome = (request: ApiRequest): boolean => {
  const accept = request.headers.accept ?? ''
  return accept.includes(homeType) && !accept.includes('application/json,')
}
/** the same for everybody: made once */
const homes = new Map<string, Buffer>()
const homeOf = (prefix: string): Buffer => {
  const bytes = homes.get(prefix) ?? Buffer.from(JSON.stringify({ resources: jsonHome(prefix) }))
  homes.set(prefix, bytes)
  return bytes
}
const home = (prefix: string) => new Reply(homeOf(prefix), { status: 200, headers: { ...vary, 'content-type': homeType } })

export const versionOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '^',
    summary: 'List the versions of the API',
    policy: null,
    status: 300,
    async handler(ctx, request) {
      if (wantsHome(request)) return home('/v3')
      return new Reply(
        { versions: { values: [version(ctx.config.publicUrl)] } },
        { headers: { ...vary, location: `${ctx.config.publicUrl}/identity/v3/` } },
      )
    },
  }),
  operation({
    method: 'GET',
    path: '',
    summary: 'Show version 3 of the API',
    policy: null,
    status: 200,
    handler: async (ctx, request) =>
      wantsHome(request) ? home('') : new Reply({ version: version(ctx.config.publicUrl) }, { headers: vary }),
  }),
]
