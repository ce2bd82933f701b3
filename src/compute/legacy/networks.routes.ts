// /os-networks, /os-tenant-networks, /os-floating-ips and /os-floating-ip-pools: Neutron's, as Nova showed them until 2.35.
import { wordsOf } from '../../platform/words-of.ts'
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { novaResource } from '../routes/resource.ts'
import type { FloatingIp, Network } from './answers.ts'
import { neighbour, proxied, translated } from './neighbours.ts'

/** What nova-network once knew of a network; nothing of it is known any more. */
const unknown = wordsOf(`
  cidr netmask gateway broadcast dns1 dns2 cidr_v6 gateway_v6 netmask_v6 created_at updated_at deleted_at deleted injected bridge
  vlan vpn_public_address vpn_public_port vpn_private_address dhcp_start project_id host bridge_interface multi_host priority
  rxtx_base mtu dhcp_server enable_dhcp share_address
`)
const networkView = ({ id, name }: Network) => ({ ...Object.fromEntries(unknown.map((key) => [key, null])), id, label: name })
const tenantNetworkView = ({ id, name }: Network) => ({ cidr: 'None', id, label: name })

/** Those that the actor sees. */
const networks = async (ctx: Context): Promise<Network[]> => (await neighbour(ctx, 'GET /networks')).networks

const network = async (ctx: Context, id: string): Promise<Network> =>
  (await translated(neighbour(ctx, 'GET /networks/:id', { id }), { not_found: 'not_found' }, 'Network not found')).network

const pair = (name: string, view: (network: Network) => object): Operation[] => {
  const declared = novaResource({
    extension: name,
    path: `/${name}`,
    one: 'a network',
    many: 'networks',
    words: { list: 'list' },
    versions: proxied,
  })
  return [
    declared.list({
      async handler(ctx) {
        ctx.authorize()
        return { networks: (await networks(ctx)).map(view) }
      },
    }),
    declared.show({
      async handler(ctx, id) {
        ctx.authorize()
        return { network: view(await network(ctx, id)) }
      },
    }),
  ]
}

const externalNetworks = async (ctx: Context): Promise<Network[]> =>
  (await neighbour(ctx, 'GET /networks', { query: { 'router:external': 'true' } })).networks

async function floatingIpViews(ctx: Context, ips: FloatingIp[]) {
  if (ips.length === 0) return []
  const pools = new Map((await externalNetworks(ctx)).map(({ id, name }) => [id, name]))
  const views = []
  for (const ip of ips) {
    const port = ip.port_id === null ? null : (await neighbour(ctx, 'GET /ports/:id', { id: ip.port_id })).port
    views.push({
      id: ip.id,
      ip: ip.floating_ip_address,
      pool: pools.get(ip.floating_network_id) || ip.floating_network_id,
      fixed_ip: ip.fixed_ip_address,
      instance_id: port?.device_id ?? null,
    })
  }
  return views
}

const floatingIps = novaResource({
  extension: 'os-floating-ips',
  one: 'a floating IP',
  many: 'floating IPs',
  words: { list: 'list' },
  status: { delete: 202 },
  versions: proxied,
})
const noSuchIp = (id: string) => `Floating IP not found for ID ${id}`

export const oldNetworkOperations: Operation[] = [
  ...pair('os-networks', networkView),
  ...pair('os-tenant-networks', tenantNetworkView),
  operation({
    method: 'GET',
    path: '/os-floating-ip-pools',
    summary: 'List floating IP pools',
    policy: 'os_compute_api:os-floating-ip-pools',
    versions: proxied,
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return { floating_ip_pools: (await externalNetworks(ctx)).map(({ id, name }) => ({ name: name || id })) }
    },
  }),
  floatingIps.list({
    async handler(ctx) {
      ctx.authorize()
      const { floatingips } = await neighbour(ctx, 'GET /floatingips', { query: { tenant_id: ctx.projectId } })
      return { floating_ips: await floatingIpViews(ctx, floatingips) }
    },
  }),
  floatingIps.create({
    summary: 'Take a floating IP',
    body: Type.Unknown(),
    bodyOptional: true,
    async handler(ctx, { body }) {
      ctx.authorize()
      const pool = (body as { pool?: unknown } | null | undefined)?.pool
      const pools = await externalNetworks(ctx)
      const chosen = pool === undefined || pool === null ? pools[0] : pools.find(({ id, name }) => id === pool || name === pool)
      if (!chosen) throw notFound('Floating IP pool not found.')
      const made = neighbour(ctx, 'POST /floatingips', {
        body: { floatingip: { floating_network_id: chosen.id, tenant_id: ctx.projectId } },
      })
      const { floatingip } = await translated(
        made,
        { conflict: 'forbidden' },
        pool ? `IP allocation over quota in pool ${String(pool)}.` : 'IP allocation over quota.',
      )
      return { floating_ip: (await floatingIpViews(ctx, [floatingip]))[0] }
    },
  }),
  floatingIps.show({
    async handler(ctx, id) {
      ctx.authorize()
      const found = neighbour(ctx, 'GET /floatingips/:id', { id })
      const { floatingip } = await translated(found, { not_found: 'not_found', bad_request: 'not_found' }, noSuchIp(id))
      return { floating_ip: (await floatingIpViews(ctx, [floatingip]))[0] }
    },
  }),
  floatingIps.delete({
    summary: 'Give a floating IP back',
    async handler(ctx, id) {
      ctx.authorize()
      await translated(
        neighbour(ctx, 'DELETE /floatingips/:id', { id }),
        { not_found: 'not_found', bad_request: 'not_found' },
        noSuchIp(id),
      )
    },
  }),
]
