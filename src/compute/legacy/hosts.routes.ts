// /os-hosts: the old face of services and hypervisors, until 2.42. A machine is not powered on or off through it.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { ApiError, notFound } from '../../platform/errors.ts'
import { hypervisorList } from '../hosts/hypervisors.ts'
import { computeHostMustExist, serviceList, serviceUpdateByHost } from '../hosts/services.ts'
import { hostShowView } from '../hosts/hypervisors.view.ts'
import { hostListView } from '../hosts/services.view.ts'
import { closed, last, many } from '../routes/schemas.ts'

const rule = (what: string) => `os_compute_api:os-hosts:${what}`
const versions: [null, string] = [null, '2.42']
const path = '/os-hosts/:host'
const missing = (host: string) => notFound(`Compute host ${host} could not be found.`)
const unsupported = () => new ApiError('not_implemented', 'The requested functionality is not supported.')
const switched = Type.Unsafe<string>({ type: 'string', enum: ['enable', 'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE'] })

const power = (action: string, policy: string) =>
  operation({
    method: 'GET',
    path: `${path}/${action}`,
    summary: `Host: ${action}`,
    policy: rule(policy),
    versions,
    status: 200,
    async handler(ctx, { params }) {
      await computeHostMustExist(ctx, params['host'] ?? '')
      throw unsupported()
    },
  })

export const hostOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/os-hosts',
    summary: 'List hosts',
    policy: rule('list'),
    versions,
    status: 200,
    query: Type.Object({ zone: many(Type.String()), service: many(Type.String()) }),
    async handler(ctx, { query }) {
      const zone = last(query.zone)
      const found = await serviceList(ctx, {})
      return hostListView(found.filter((facts) => !facts.row.disabled && (zone === undefined || zone === '' || facts.zone === zone)))
    },
  }),
  operation({
    method: 'GET',
    path,
    summary: 'Show a host',
    policy: rule('show'),
    versions,
    status: 200,
    async handler(ctx, { params }) {
      const found = (await hypervisorList(ctx, {})).find(({ node }) => node.host === params['host'])
      if (!found) throw missing(params['host'] ?? '')
      return hostShowView(found)
    },
  }),
  operation({
    method: 'PUT',
    path,
    summary: 'Enable or disable a host',
    policy: rule('update'),
    versions,
    status: 200,
    body: Type.Object({ status: Type.Optional(switched), maintenance_mode: Type.Optional(switched) }, { ...closed, minProperties: 1 }),
    async handler(ctx, { params: { host = '' }, body }) {
      await computeHostMustExist(ctx, host)
      if (body.maintenance_mode !== undefined) throw unsupported()
      const enabled = body.status?.toLowerCase() === 'enable'
      await serviceUpdateByHost(ctx, host, 'nova-compute', { disabled: !enabled, disabled_reason: null })
      return { host, status: enabled ? 'enabled' : 'disabled' }
    },
  }),
  power('startup', 'start'),
  power('shutdown', 'shutdown'),
  power('reboot', 'reboot'),
]
