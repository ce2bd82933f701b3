// A router's gateway: a port on an external network, which belongs to nobody.
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import type { GatewayInfo } from './attributes.ts'
import { networkFor } from '../networks/target.ts'
import { portCreate, portDelete } from '../ports/ports.ts'
import { badRouter, overlapWithRouterCheck } from './rules.ts'
import { routerPortRows, routerRows } from './store.ts'
import { subnetRows, subnetsOfNetwork } from '../subnets/store.ts'
import type { RouterRow } from '../store/tables.ts'
import { floatingIpRows } from '../floating-ips/store.ts'

/** Sets, changes or (null) takes away the gateway; changes only the row's gateway columns. */
export async function gatewaySet(tx: Context, router: RouterRow, info: GatewayInfo | null): Promise<void> {
  const staysOn = info !== null && info.network_id === router.gateway_network_id
  if (router.gateway_network_id !== null && !staysOn) await unusedCheck(tx, router)
  if (staysOn && info.external_fixed_ips === undefined) return columnsSet(tx, router, { gateway_port_id: router.gateway_port_id, info })
  if (router.gateway_port_id !== null) {
    await columnsSet(tx, router, { gateway_port_id: null, info: null })
    await portDelete(tx, router.gateway_port_id)
  }
  if (info !== null) await columnsSet(tx, router, { gateway_port_id: await connect(tx, router, info), info })
}

async function connect(tx: Context, router: RouterRow, info: GatewayInfo): Promise<string> {
  const { parent: network } = await networkFor(tx, info.network_id)
  if (!network.external) throw badRouter(`Network ${network.id} is not an external network`)
  const gateways = new Set((await subnetsOfNetwork(tx.db, network.id)).map(({ gateway_ip }) => gateway_ip))
  const same = info.external_fixed_ips?.find(({ ip_address }) => ip_address !== undefined && gateways.has(ip_address))
  if (same) throw badRouter(`External IP ${same.ip_address} is the same as the gateway IP`)
  const { row, addresses } = await portCreate(tx, {
    project_id: '',
    network_id: network.id,
    network,
    device_id: router.id,
    device_owner: 'network:router_gateway',
    security_groups: [],
    port_security_enabled: false,
    ...(info.external_fixed_ips === undefined || info.external_fixed_ips.length === 0 ? {} : { fixed_ips: info.external_fixed_ips }),
  })
  for (const subnet of await subnetRows.many(
    tx.db,
    addresses.map(({ subnet_id }) => subnet_id),
  ))
    await overlapWithRouterCheck(tx, router.id, subnet)
  await routerPortRows.insert(tx.db, { port_id: row.id, router_id: router.id, kind: 'gateway' })
  return row.id
}

async function unusedCheck(tx: Context, router: RouterRow): Promise<void> {
  if ((await floatingIpRows.list(tx.db, { router_id: [router.id] })).length === 0) return
  throw conflict(
    `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${router.gateway_network_id} is required by one or more floating IPs.`,
    {
      type: 'RouterExternalGatewayInUseByFloatingIp',
    },
  )
}

const columnsSet = async (
  tx: Context,
  router: RouterRow,
  { gateway_port_id, info }: { gateway_port_id: string | null; info: GatewayInfo | null },
): Promise<void> => {
  await routerRows.update(tx.db, router.id, {
    gateway_port_id,
    gateway_network_id: info?.network_id ?? null,
    enable_snat: info?.enable_snat ?? true,
  })
}
