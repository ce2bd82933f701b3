// /flavors/:id/os-extra_specs and /flavors/:id/os-flavor-access.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { assertExtraSpecs } from './extra-specs.ts'
import { flavorAccess, flavorAccessAdd, flavorAccessRemove, flavorExtraSpecsChange, flavorGet } from './flavors.ts'
import { projectMustExist } from '../projects.ts'
import { mapOf } from '../../platform/api/schema.ts'
import { flavors } from './routes.ts'
import { novaResource } from '../routes/resource.ts'
import { closed, metadataKey, wrapped } from '../routes/schemas.ts'

const specs = mapOf(metadataKey, Type.Unsafe<string | number>({ type: ['string', 'number'], maxLength: 255 }))
const oneSpec = Type.Unsafe<Record<string, string | number>>({ ...specs, minProperties: 1, maxProperties: 1 })
const tenant = Type.Object({ tenant: Type.String({ minLength: 1, maxLength: 255 }) }, closed)
const extraSpecs = novaResource({
  extension: 'os-flavor-extra-specs',
  path: '/flavors/:id/os-extra_specs',
  key: 'key',
  one: 'an extra spec',
  many: 'extra specs',
  status: { delete: 200 },
})

/** Since 2.86 names and values of the known namespaces are checked. */
const checked = (ctx: Context, given: Record<string, string>): void => {
  if (ctx.microversion.atLeast('2.86')) assertExtraSpecs(given)
}

const texts = (given: Record<string, string | number>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([key, spec]) => [key, String(spec)]))
const missing = (flavorId: string, key: string) => notFound(`Flavor ${flavorId} has no extra specs with key ${key}.`)

const access = (action: 'addTenantAccess' | 'removeTenantAccess', rule: string, change: typeof flavorAccessAdd) =>
  flavors.action(action, {
    summary: 'Give or take access to a private flavor',
    policy: `os_compute_api:os-flavor-access:${rule}`,
    status: 200,
    body: tenant,
    async handler(ctx, id, { body: { tenant: projectId } }) {
      ctx.authorize()
      await projectMustExist(ctx, projectId)
      return { flavor_access: await change(ctx, id, projectId) }
    },
  })

export const flavorPartOperations: Operation[] = [
  extraSpecs.list({ handler: async (ctx, { params }) => ({ extra_specs: (await flavorGet(ctx, params['id'] ?? '')).extra_specs }) }),
  extraSpecs.create({
    summary: 'Set extra specs',
    body: wrapped('extra_specs', specs),
    async handler(ctx, { params, body }) {
      ctx.authorize()
      const given = texts(body.extra_specs)
      checked(ctx, given)
      await flavorExtraSpecsChange(ctx, params['id'] ?? '', (before) => ({ ...before, ...given }))
      return { extra_specs: given }
    },
  }),
  extraSpecs.show({
    async handler(ctx, key, { params: { id = '' } }) {
      const found = (await flavorGet(ctx, id)).extra_specs[key]
      if (found === undefined) throw missing(id, key)
      return { [key]: found }
    },
  }),
  extraSpecs.update({
    summary: 'Change an extra spec',
    body: oneSpec,
    async handler(ctx, key, { params: { id = '' }, body }) {
      ctx.authorize()
      const given = texts(body)
      checked(ctx, given)
      if (!Object.hasOwn(given, key)) throw badRequest('Request body and URI mismatch')
      await flavorExtraSpecsChange(ctx, id, (before) => ({ ...before, ...given }))
      return given
    },
  }),
  extraSpecs.delete({
    handler: (ctx, key, { params: { id = '' } }) =>
      flavorExtraSpecsChange(ctx, id, (before) => {
        const { [key]: gone, ...rest } = before
        if (gone === undefined) throw missing(id, key)
        return rest
      }),
  }),
  flavors.below('/os-flavor-access', {
    method: 'GET',
    summary: 'List who may use a private flavor',
    policy: 'os_compute_api:os-flavor-access',
    status: 200,
    handler: async (ctx, id) => ({ flavor_access: await flavorAccess(ctx, id) }),
  }),
  access('addTenantAccess', 'add_tenant_access', flavorAccessAdd),
  access('removeTenantAccess', 'remove_tenant_access', flavorAccessRemove),
]
