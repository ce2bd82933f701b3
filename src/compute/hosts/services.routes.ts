// /os-services: by host and binary before 2.53, by uuid since. And /os-availability-zone.
import type { Static } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { serviceFacts, serviceGet, serviceList, serviceDelete, serviceUpdate, serviceUpdateByHost, type ServiceChange } from './services.ts'
import { serviceListView, serviceView, zonesView } from './services.view.ts'
import { novaResource } from '../routes/resource.ts'
import { boolean, hostName, last, many, open, queryOf } from '../routes/schemas.ts'

const services = novaResource({ extension: 'os-services', one: 'a service', many: 'services', words: { list: 'list' } })
const zones = (path: string, act: 'list' | 'detail', summary: string) =>
  operation({
    method: 'GET',
    path,
    summary,
    policy: `os_compute_api:os-availability-zone:${act}`,
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return zonesView(await serviceFacts(ctx), act === 'detail')
    },
  })
const filters = { host: many(Type.String()), binary: many(Type.String()) }

const list = (versions: [string | null, string | null], others: 'ignored' | 'refused') =>
  services.list({
    versions,
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

const summary = 'Enable, disable or force down a service'
const putByHost = (versions: [string | null, string | null], forcing: boolean) =>
  services.update({
    summary,
    versions,
    body: byHost(forcing),
    async handler(ctx, action, { body }) {
      ctx.authorize()
      const { change, shown } = oldAction(action, body, forcing)
      await serviceUpdateByHost(ctx, body.host, body.binary, change)
      return { service: { host: body.host, binary: body.binary, ...shown } }
    },
  })

export const serviceOperations: Operation[] = [
  list([null, '2.74'], 'ignored'),
  list(['2.75', null], 'refused'),
  putByHost([null, '2.10'], false),
  putByHost(['2.11', '2.52'], true),
  services.update({
    summary,
    versions: ['2.53', null],
    body: open({ status: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]), disabled_reason: text, forced_down: boolean }),
    async handler(ctx, id, { body }) {
      const found = await serviceGet(ctx, id)
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
  services.delete({ handler: serviceDelete }),
  zones('/os-availability-zone', 'list', 'List availability zones'),
  zones('/os-availability-zone/detail', 'detail', 'List availability zones with their hosts'),
]
