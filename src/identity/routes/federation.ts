// /OS-FEDERATION: this cloud federates with nobody, which is what these answer: lists are empty, nothing is found, nothing can
// be made. Clients that look here see a Keystone without providers. Not in the JSON home: it is not announced.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { forbidden } from '../../platform/errors.ts'
import { missing } from '../found.ts'
import { listOf } from '../links.ts'
import { permit } from '../permission.ts'
import { anyQuery } from '../schemas.ts'
import { scopeOperations } from './scopes.ts'

interface Kind {
  /** of the rules: `identity:get_mapping` */
  rule: string
  plural: string
  path: string
  id: string
  /** in the text of what is not found */
  what: string
}

const base = '/OS-FEDERATION'
const kinds: Kind[] = [
  { rule: 'identity_provider', plural: 'identity_providers', path: `${base}/identity_providers`, id: 'idp_id', what: 'Identity Provider' },
  { rule: 'mapping', plural: 'mappings', path: `${base}/mappings`, id: 'mapping_id', what: 'mapping' },
  {
    rule: 'service_provider',
    plural: 'service_providers',
    path: `${base}/service_providers`,
    id: 'service_provider_id',
    what: 'Service Provider',
  },
  {
    rule: 'protocol',
    plural: 'protocols',
    path: `${base}/identity_providers/:idp_id/protocols`,
    id: 'protocol_id',
    what: 'federated protocol',
  },
]

function absent(ctx: Context, params: Record<string, string>, { what, id }: Kind): never {
  permit(ctx)
  throw missing(what, params[id] ?? '')
}

function noneOf(kind: Kind): Operation[] {
  const { rule, plural, path, id, what } = kind
  const one = `${path}/:${id}`
  return [
    operation({
      method: 'GET',
      path,
      summary: `List each ${what}: there is none`,
      policy: `identity:list_${plural}`,
      status: 200,
      query: anyQuery,
      async handler(ctx, request) {
        permit(ctx)
        return listOf(ctx, request, plural, [])
      },
    }),
    operation({
      method: 'GET',
      path: one,
      summary: `Show a ${what}: there is none`,
      policy: `identity:get_${rule}`,
      status: 200,
      handler: async (ctx, { params }) => absent(ctx, params, kind),
    }),
    operation({
      method: 'PUT',
      path: one,
      summary: `Create a ${what}: refused`,
      policy: `identity:create_${rule}`,
      status: 201,
      async handler(ctx) {
        permit(ctx)
        throw forbidden('This cloud does not federate.')
      },
    }),
    ...(['PATCH', 'DELETE'] as const).map((method) =>
      operation({
        method,
        path: one,
        summary: `${method === 'PATCH' ? 'Change' : 'Delete'} a ${what}: there is none`,
        policy: `identity:${method === 'PATCH' ? 'update' : 'delete'}_${rule}`,
        status: method === 'PATCH' ? 200 : 204,
        handler: async (ctx, { params }) => absent(ctx, params, kind),
      }),
    ),
  ]
}

/** The names that /auth/projects and /auth/domains had first. */
const earlier = scopeOperations
  .filter(({ path }) => path === '/auth/projects' || path === '/auth/domains')
  .map((each): Operation => ({ ...each, path: each.path.replace('/auth', base) }))

export const federationOperations: Operation[] = [...kinds.flatMap(noneOf), ...earlier]
