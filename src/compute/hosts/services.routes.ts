// /os-services: by host and binary before 2.53, by uuid since. And /os-availability-zone.
import Type, { type Static } from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { serviceFacts, serviceGet, serviceList, serviceDelete, serviceUpdate, serviceUpdateByHost, type ServiceChange } from './services.ts'
import { serviceListView, serviceView, zonesView } from './services.view.ts'
import { boolean, hostName, last, many, open, queryOf } from '../routes/schemas.ts'

const rule = (what: string) => `os_compute_api:os-services:${what}`
const filters = { host: many(Type.String()), binary: many(Type.String()) }

const list = (versions: [string | null, string | null], others: 'ignored' | 'refused') =>
  operation({
    method: 'GET',
    path: '/os-services',
    summary: 'List services',
    policy: rule('list'),
    versions,
    status: 200,
    query: queryOf(filters, others),
    async handler(ctx, { query: asked }) {
      return serviceListView(ctx, await serviceList(ctx, { host: last(asked.host) || undefined, binary: last(asked.binary) || undefined }))
    },
  })

const text = Type.String({ minLength: 1, maxLength: 255 })
const byHost = (forcing: boolean) =>
  open({ host: hostName, binary: text, disabled_reason: text, ...(forcing ? { forced_down: boolean } : {}) }, ['host', 'binary'])
type ByHost = Static<ReturnType<typeof byHost>>

/** What PUT /os-services/<action> means: the change, and what the answer shows beside host and binary. */
function oldAction(action: string, body: ByHost, forcing: boolean): { change: ServiceChange; shown: object } {
  if (action === 'enable') return { change: { disabled: false, disabled_reason: null }, shown: { status: 'enabled' } }
  if (action === 'disable') return { change: { disabled: true, disabled_reason: null }, shown: { status: 'disabled' } }
  if (action === 'disable-log-reason') {
    if (body.disabled_reason === undefined) throw badRequest('Missing disabled reason field')
    return {
      change: { disabled: true, disabled_reason: body.disabled_reason },
      shown: { status: 'disabled', disabled_reason: body.disabled_reason },
    }
  }
  if (action !== 'force-down' || !forcing) throw notFound('Unknown action')
  if (body.forced_down === undefined) throw badRequest('Missing forced_down field')
  const down = lenientBoolean(body.forced_down)
  return { change: { forced_down: down }, shown: { forced_down: down } }
}

const putByHost = (versions: [string | null, string | null], forcing: boolean) =>
  operation({
    method: 'PUT',
    path: '/os-services/:id',
    summary: 'Enable, disable or force down a service',
    policy: rule('update'),
    versions,
    status: 200,
    body: byHost(forcing),
    async handler(ctx, { params, body }) {
      ctx.authorize()
      const { change, shown } = oldAction(params['id'] ?? '', body, forcing)
      await serviceUpdateByHost(ctx, body.host, body.binary, change)
      return { service: { host: body.host, binary: body.binary, ...shown } }
    },
  })

export const serviceOperations: Operation[] = [
  list([null, '2.74'], 'ignored'),
  list(['2.75', null], 'refused'),
  putByHost([null, '2.10'], false),
  putByHost(['2.11', '2.52'], true),
  operation({
    method: 'PUT',
    path: '/os-services/:id',
    summary: 'Enable, disable or force down a service',
    policy: rule('update'),
    versions: ['2.53', null],
    status: 200,
    body: open({ status: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]), disabled_reason: text, forced_down: boolean }),
    async handler(ctx, { params, body }) {
      const found = await serviceGet(ctx, params['id'] ?? '')
      const change: ServiceChange = {}
      if (body.status === undefined && body.forced_down === undefined) {
        throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.")
      }
      if (body.disabled_reason !== undefined && body.status !== 'disabled')
        throw badRequest(`Specifying 'disabled_reason' with status '${body.status ?? 'enabled'}' is invalid.`)
      if (body.status !== undefined)
        Object.assign(change, { disabled: body.status === 'disabled', disabled_reason: body.disabled_reason ?? null })
      if (body.forced_down !== undefined) change.forced_down = lenientBoolean(body.forced_down)
      return serviceView(ctx, await serviceUpdate(ctx, found.row.id, change))
    },
  }),
  operation({
    method: 'DELETE',
    path: '/os-services/:id',
    summary: 'Delete a service',
    policy: rule('delete'),
    status: 204,
    handler: (ctx, { params }) => serviceDelete(ctx, params['id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/os-availability-zone',
    summary: 'List availability zones',
    policy: 'os_compute_api:os-availability-zone:list',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return zonesView(await serviceFacts(ctx), false)
    },
  }),
  operation({
    method: 'GET',
    path: '/os-availability-zone/detail',
    summary: 'List availability zones with their hosts',
    policy: 'os_compute_api:os-availability-zone:detail',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return zonesView(await serviceFacts(ctx), true)
    },
  }),
]
