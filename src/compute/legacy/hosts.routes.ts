// /os-hosts: the old face of services and hypervisors, until 2.42. A machine is not powered on or off through it.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { ApiError, notFound } from '../../platform/errors.ts'
import { hypervisorList } from '../hosts/hypervisors.ts'
import { computeHostMustExist, serviceList, serviceUpdateByHost } from '../hosts/services.ts'
import { hostShowView } from '../hosts/hypervisors.view.ts'
import { hostListView } from '../hosts/services.view.ts'
import { novaResource } from '../routes/resource.ts'
import { closed, last, many } from '../routes/schemas.ts'

const hosts = novaResource({
  extension: 'os-hosts',
  key: 'host',
  one: 'a host',
  many: 'hosts',
  words: { list: 'list' },
  versions: [null, '2.42'],
})
const unsupported = () => new ApiError('not_implemented', 'The requested functionality is not supported.')
const switched = Type.Unsafe<string>({ type: 'string', enum: ['enable', 'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE'] })

const power = (action: string, rule = action) =>
  hosts.below(`/${action}`, {
    method: 'GET',
    summary: `Host: ${action}`,
    policy: `os_compute_api:os-hosts:${rule}`,
    status: 200,
    async handler(ctx, host) {
      await computeHostMustExist(ctx, host)
      throw unsupported()
    },
  })

export const hostOperations: Operation[] = [
  hosts.list({
    query: Type.Object({ zone: many(Type.String()), service: many(Type.String()) }),
    async handler(ctx, { query }) {
      const zone = last(query.zone)
      const found = await serviceList(ctx, {})
      return hostListView(found.filter((facts) => !facts.row.disabled && (zone === undefined || zone === '' || facts.zone === zone)))
    },
  }),
  hosts.show({
    async handler(ctx, host) {
      const found = (await hypervisorList(ctx, {})).find(({ node }) => node.host === host)
      if (!found) throw notFound(`Compute host ${host} could not be found.`)
      return hostShowView(found)
    },
  }),
  hosts.update({
    summary: 'Enable or disable a host',
    body: Type.Object({ status: Type.Optional(switched), maintenance_mode: Type.Optional(switched) }, { ...closed, minProperties: 1 }),
    async handler(ctx, host, { body }) {
      await computeHostMustExist(ctx, host)
      if (body.maintenance_mode !== undefined) throw unsupported()
      const enabled = body.status?.toLowerCase() === 'enable'
      await serviceUpdateByHost(ctx, host, 'nova-compute', { disabled: !enabled, disabled_reason: null })
      return { host, status: enabled ? 'enabled' : 'disabled' }
    },
  }),
  power('startup', 'start'),
  power('shutdown'),
  power('reboot'),
]
