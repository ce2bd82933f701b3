// PUT /routers/:id/add_router_interface and its kin.
import { Type } from '../../platform/api/type.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { hostRoutes, isObject, malformed, uuid } from '../api/readers.ts'
import { resourceFetch, resourceFor } from '../api/resource.ts'
import { interfaceAdd, interfaceRemove, type InterfaceWish } from './interfaces.ts'
import { routers, routesUpdate } from './routers.ts'
import { show } from '../routes/resource-operations.ts'
import { routersApi } from '../routes/resources.ts'
import type { Route } from '../store/tables.ts'

const wishBody = Type.Union([
  Type.Object({ subnet_id: Type.Optional(Type.String()), port_id: Type.Optional(Type.String()) }),
  Type.Unknown(),
])

function wishOf(body: unknown): InterfaceWish {
  if (!isObject(body)) throw malformed('Body contains invalid data')
  const given = (name: string) => (body[name] === undefined || body[name] === null ? {} : { [name]: String(uuid(body[name], name)) })
  return { ...given('subnet_id'), ...given('port_id') }
}

const interfaceOperation = (rule: 'add_router_interface' | 'remove_router_interface', work: typeof interfaceAdd): Operation =>
  operation({
    method: 'PUT',
    path: `/routers/:id/${rule}`,
    summary: rule.replaceAll('_', ' '),
    policy: rule,
    status: 200,
    bodyOptional: true,
    body: wishBody,
    handler: (ctx, { params, body }) =>
      ctx.transaction(async (tx) => {
        const { row } = await resourceFor(tx, routers, params['id'] ?? '', rule)
        return work(tx, row, wishOf(body))
      }),
  })

async function changeRoutes(ctx: Context, { params, body }: ApiRequest, rule: 'add_extraroutes' | 'remove_extraroutes'): Promise<unknown> {
  const wanted = isObject(body) && isObject(body['router']) ? (hostRoutes(body['router']['routes'] ?? null, 'routes') as Route[]) : null
  if (wanted === null) throw malformed("Unable to find 'router' in request body")
  return ctx.transaction(async (tx) => {
    const { row } = await resourceFor(tx, routers, params['id'] ?? '', rule)
    await routesUpdate(tx, row, rule === 'add_extraroutes' ? { add: wanted } : { remove: wanted })
    return { router: show(tx, routersApi, await resourceFetch(tx, routers, row.id)) }
  })
}

const routesOperation = (rule: 'add_extraroutes' | 'remove_extraroutes'): Operation =>
  operation({
    method: 'PUT',
    path: `/routers/:id/${rule}`,
    summary: rule.replaceAll('_', ' '),
    policy: rule,
    status: 200,
    bodyOptional: true,
    body: Type.Union([
      Type.Object({ router: Type.Object({ routes: Type.Array(Type.Object({ destination: Type.String(), nexthop: Type.String() })) }) }),
      Type.Unknown(),
    ]),
    handler: (ctx, request) => changeRoutes(ctx, request, rule),
  })

export const routerActionOperations: Operation[] = [
  interfaceOperation('add_router_interface', interfaceAdd),
  interfaceOperation('remove_router_interface', interfaceRemove),
  routesOperation('add_extraroutes'),
  routesOperation('remove_extraroutes'),
]
