// /flavors/:id/os-extra_specs and /flavors/:id/os-flavor-access.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { assertExtraSpecs } from './extra-specs.ts'
import { flavorAccess, flavorAccessAdd, flavorAccessRemove, flavorExtraSpecsChange, flavorGet } from './flavors.ts'
import { projectMustExist } from '../projects.ts'
import { closed, metadataKey, wrapped } from '../routes/schemas.ts'

const value = { type: ['string', 'number'], maxLength: 255 }
const specs = Type.Unsafe<Record<string, string | number>>({
  type: 'object',
  patternProperties: { [metadataKey]: value },
  additionalProperties: false,
})
const oneSpec = Type.Unsafe<Record<string, string | number>>({ ...specs, minProperties: 1, maxProperties: 1 })
const tenant = Type.Object({ tenant: Type.String({ minLength: 1, maxLength: 255 }) }, closed)
const rule = (name: string) => `os_compute_api:os-flavor-extra-specs:${name}`

/** Since 2.86 names and values of the known namespaces are checked. */
const checked = (ctx: Context, given: Record<string, string>): void => {
  if (ctx.microversion.atLeast('2.86')) assertExtraSpecs(given)
}

const texts = (given: Record<string, string | number>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([key, spec]) => [key, String(spec)]))
const missing = (flavorId: string, key: string) => notFound(`Flavor ${flavorId} has no extra specs with key ${key}.`)

const access = (action: 'addTenantAccess' | 'removeTenantAccess', policy: string, change: typeof flavorAccessAdd) =>
  operation({
    method: 'POST',
    path: '/flavors/:id/action',
    action,
    summary: 'Give or take access to a private flavor',
    policy,
    status: 200,
    body: tenant,
    async handler(ctx, request) {
      const { tenant: projectId } = request.body
      ctx.authorize()
      await projectMustExist(ctx, projectId)
      return { flavor_access: await change(ctx, request.params['id'] ?? '', projectId) }
    },
  })

export const flavorPartOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/flavors/:id/os-extra_specs',
    summary: 'List extra specs',
    policy: rule('index'),
    status: 200,
    handler: async (ctx, { params }) => ({ extra_specs: (await flavorGet(ctx, params['id'] ?? '')).extra_specs }),
  }),
  operation({
    method: 'POST',
    path: '/flavors/:id/os-extra_specs',
    summary: 'Set extra specs',
    policy: rule('create'),
    status: 200,
    body: wrapped('extra_specs', specs),
    async handler(ctx, { params, body }) {
      ctx.authorize()
      const given = texts(body.extra_specs)
      checked(ctx, given)
      await flavorExtraSpecsChange(ctx, params['id'] ?? '', (before) => ({ ...before, ...given }))
      return { extra_specs: given }
    },
  }),
  operation({
    method: 'GET',
    path: '/flavors/:id/os-extra_specs/:key',
    summary: 'Show an extra spec',
    policy: rule('show'),
    status: 200,
    async handler(ctx, { params: { id = '', key = '' } }) {
      const found = (await flavorGet(ctx, id)).extra_specs[key]
      if (found === undefined) throw missing(id, key)
      return { [key]: found }
    },
  }),
  operation({
    method: 'PUT',
    path: '/flavors/:id/os-extra_specs/:key',
    summary: 'Change an extra spec',
    policy: rule('update'),
    status: 200,
    body: oneSpec,
    async handler(ctx, { params: { id = '', key = '' }, body }) {
      ctx.authorize()
      const given = texts(body)
      checked(ctx, given)
      if (!Object.hasOwn(given, key)) throw badRequest('Request body and URI mismatch')
      await flavorExtraSpecsChange(ctx, id, (before) => ({ ...before, ...given }))
      return given
    },
  }),
  operation({
    method: 'DELETE',
    path: '/flavors/:id/os-extra_specs/:key',
    summary: 'Delete an extra spec',
    policy: rule('delete'),
    status: 200,
    handler: (ctx, { params: { id = '', key = '' } }) =>
      flavorExtraSpecsChange(ctx, id, (before) => {
        const { [key]: gone, ...rest } = before
        if (gone === undefined) throw missing(id, key)
        return rest
      }),
  }),
  operation({
    method: 'GET',
    path: '/flavors/:id/os-flavor-access',
    summary: 'List who may use a private flavor',
    policy: 'os_compute_api:os-flavor-access',
    status: 200,
    handler: async (ctx, { params }) => ({ flavor_access: await flavorAccess(ctx, params['id'] ?? '') }),
  }),
  access('addTenantAccess', 'os_compute_api:os-flavor-access:add_tenant_access', flavorAccessAdd),
  access('removeTenantAccess', 'os_compute_api:os-flavor-access:remove_tenant_access', flavorAccessRemove),
]
