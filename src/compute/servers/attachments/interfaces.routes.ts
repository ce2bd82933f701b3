// /servers/:id/os-interface, /ips and the old os-virtual-interfaces.
import { portsOfServers, type ServerPort } from '../../../network/index.ts'
import { operation, type Operation } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, notFound } from '../../../platform/errors.ts'
import { serverInterface, serverInterfaceAttach, serverInterfaceDetach, serverInterfaces, type Interface } from './interfaces.ts'
import { serverGet } from '../servers.ts'
import { addressesView } from '../views/addresses.ts'
import Type, { type Static } from 'typebox'
import { open } from '../../routes/schemas.ts'
import { ipAddress, tag, uuid } from '../routes/schemas.ts'
import { id } from '../routes/servers.ts'

const rule = (name: string) => `os_compute_api:os-attach-interfaces:${name}`

const view = (ctx: Context, { port, tag: name }: Interface) => ({
  net_id: port.networkId,
  port_id: port.portId,
  mac_addr: port.mac,
  port_state: port.status,
  fixed_ips: port.fixedIps.map(({ subnetId, ipAddress: address }) => ({ subnet_id: subnetId, ip_address: address })),
  ...(ctx.microversion.atLeast('2.70') ? { tag: name } : {}),
})

const fixedIps = Type.Array(open({ ip_address: ipAddress }, ['ip_address']), { minItems: 1, maxItems: 1 })
const body = (hasTag: boolean) =>
  open({ interfaceAttachment: open({ net_id: uuid, port_id: uuid, fixed_ips: fixedIps, ...(hasTag ? { tag } : {}) }) })
type Attachment = Static<ReturnType<typeof body>>

/** The body may be missing altogether. */
async function attach(ctx: Context, serverId: string, value: Attachment | null | undefined): Promise<object> {
  const { net_id: networkId, port_id: portId, fixed_ips: addresses, tag: name } = value?.interfaceAttachment ?? {}
  if (networkId !== undefined && portId !== undefined) throw badRequest('Must not input both network_id and port_id')
  const fixedIp = addresses?.[0]?.ip_address
  if (fixedIp !== undefined && networkId === undefined) throw badRequest('Must input network_id when request IP address')
  return { interfaceAttachment: view(ctx, await serverInterfaceAttach(ctx, serverId, { networkId, portId, fixedIp, tag: name })) }
}

/** The ports of a server that this actor may read. */
async function portsOf(ctx: Context, serverId: string): Promise<ServerPort[]> {
  const server = await serverGet(ctx, serverId)
  return server.vm_state === 'building' ? [] : ((await portsOfServers(ctx, [serverId])).get(serverId) ?? [])
}

export const serverInterfaceOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/servers/:id/os-interface',
    summary: 'List interfaces',
    policy: rule('list'),
    status: 200,
    handler: async (ctx, request) => ({ interfaceAttachments: (await serverInterfaces(ctx, id(request))).map((each) => view(ctx, each)) }),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/os-interface/:port',
    summary: 'Show an interface',
    policy: rule('show'),
    status: 200,
    handler: async (ctx, request) => ({
      interfaceAttachment: view(ctx, await serverInterface(ctx, id(request), request.params['port'] ?? '')),
    }),
  }),
  operation({
    method: 'POST',
    path: '/servers/:id/os-interface',
    summary: 'Attach an interface',
    policy: rule('create'),
    versions: ['2.1', '2.48'],
    body: body(false),
    bodyOptional: true,
    status: 200,
    handler: (ctx, request) => attach(ctx, id(request), request.body),
  }),
  operation({
    method: 'POST',
    path: '/servers/:id/os-interface',
    summary: 'Attach an interface',
    policy: rule('create'),
    versions: ['2.49', null],
    body: body(true),
    bodyOptional: true,
    status: 200,
    handler: (ctx, request) => attach(ctx, id(request), request.body),
  }),
  operation({
    method: 'DELETE',
    path: '/servers/:id/os-interface/:port',
    summary: 'Detach an interface',
    policy: rule('delete'),
    status: 202,
    handler: (ctx, request) => serverInterfaceDetach(ctx, id(request), request.params['port'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/ips',
    summary: 'List addresses',
    policy: 'os_compute_api:ips:index',
    status: 200,
    handler: async (ctx, request) => ({ addresses: addressesView(await portsOf(ctx, id(request)), false) }),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/ips/:label',
    summary: 'Show the addresses of a network',
    policy: 'os_compute_api:ips:show',
    status: 200,
    async handler(ctx, request) {
      const label = request.params['label'] ?? ''
      const views = addressesView(await portsOf(ctx, id(request)), false)
      const found = Object.hasOwn(views, label) ? views[label] : undefined
      if (!found) throw notFound('Instance is not a member of specified network')
      return { [label]: found }
    },
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/os-virtual-interfaces',
    summary: 'List virtual interfaces',
    policy: 'os_compute_api:os-virtual-interfaces',
    versions: ['2.1', '2.43'],
    status: 200,
    async handler(ctx, request) {
      const ports = await portsOf(ctx, id(request))
      return {
        virtual_interfaces: ports.map((port) => ({
          id: port.portId,
          mac_address: port.mac,
          ...(ctx.microversion.atLeast('2.12') ? { net_id: port.networkId } : {}),
        })),
      }
    },
  }),
]
