// /servers/:id/os-interface, /ips and the old os-virtual-interfaces.
import { portsOfServers, type ServerPort } from '../../../network/index.ts'
import type { Operation } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, notFound } from '../../../platform/errors.ts'
import { serverInterface, serverInterfaceAttach, serverInterfaceDetach, serverInterfaces, type Interface } from './interfaces.ts'
import { serverGet } from '../servers.ts'
import { addressesView } from '../views/addresses.ts'
import { Type } from '../../../platform/api/type.ts'
import { novaResource } from '../../routes/resource.ts'
import { open } from '../../routes/schemas.ts'
import { ipAddress, tag, uuid } from '../routes/schemas.ts'
import { id, servers } from '../routes/servers.ts'

const interfaces = novaResource({
  extension: 'os-attach-interfaces',
  path: '/servers/:id/os-interface',
  key: 'port',
  one: 'an interface',
  many: 'interfaces',
  words: { list: 'list' },
  status: { delete: 202 },
})
const addresses = novaResource({
  extension: 'ips',
  path: '/servers/:id/ips',
  key: 'label',
  one: 'the addresses of a network',
  many: 'addresses',
})

const view = (ctx: Context, { port, tag: name }: Interface) => ({
  net_id: port.networkId,
  port_id: port.portId,
  mac_addr: port.mac,
  port_state: port.status,
  fixed_ips: port.fixedIps.map(({ subnetId, ipAddress: address }) => ({ subnet_id: subnetId, ip_address: address })),
  ...(ctx.microversion.atLeast('2.70') ? { tag: name } : {}),
})

const fixedIps = Type.Array(open({ ip_address: ipAddress }, ['ip_address']), { minItems: 1, maxItems: 1 })

const attach = (versions: [string, string | null], hasTag: boolean) =>
  interfaces.create({
    summary: 'Attach an interface',
    versions,
    body: open({ interfaceAttachment: open({ net_id: uuid, port_id: uuid, fixed_ips: fixedIps, ...(hasTag ? { tag } : {}) }) }),
    bodyOptional: true,
    async handler(ctx, request) {
      const given = request.body as typeof request.body | null | undefined
      const { net_id: networkId, port_id: portId, fixed_ips: fixed, tag: name } = given?.interfaceAttachment ?? {}
      if (networkId !== undefined && portId !== undefined) throw badRequest('Must not input both network_id and port_id')
      const fixedIp = fixed?.[0]?.ip_address
      if (fixedIp !== undefined && networkId === undefined) throw badRequest('Must input network_id when request IP address')
      const attached = await serverInterfaceAttach(ctx, id(request), { networkId, portId, fixedIp, tag: name })
      return { interfaceAttachment: view(ctx, attached) }
    },
  })

/** The ports of a server that this actor may read. */
async function portsOf(ctx: Context, serverId: string): Promise<ServerPort[]> {
  const server = await serverGet(ctx, serverId)
  return server.vm_state === 'building' ? [] : ((await portsOfServers(ctx, [serverId])).get(serverId) ?? [])
}

export const serverInterfaceOperations: Operation[] = [
  interfaces.list({
    handler: async (ctx, request) => ({ interfaceAttachments: (await serverInterfaces(ctx, id(request))).map((each) => view(ctx, each)) }),
  }),
  interfaces.show({
    handler: async (ctx, port, request) => ({ interfaceAttachment: view(ctx, await serverInterface(ctx, id(request), port)) }),
  }),
  attach(['2.1', '2.48'], false),
  attach(['2.49', null], true),
  interfaces.delete({ summary: 'Detach an interface', handler: (ctx, port, request) => serverInterfaceDetach(ctx, id(request), port) }),
  addresses.list({ handler: async (ctx, request) => ({ addresses: addressesView(await portsOf(ctx, id(request)), false) }) }),
  addresses.show({
    async handler(ctx, label, request) {
      const views = addressesView(await portsOf(ctx, id(request)), false)
      const found = Object.hasOwn(views, label) ? views[label] : undefined
      if (!found) throw notFound('Instance is not a member of specified network')
      return { [label]: found }
    },
  }),
  servers.below('/os-virtual-interfaces', {
    method: 'GET',
    summary: 'List virtual interfaces',
    policy: 'os_compute_api:os-virtual-interfaces',
    versions: ['2.1', '2.43'],
    status: 200,
    async handler(ctx, serverId) {
      const ports = await portsOf(ctx, serverId)
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
