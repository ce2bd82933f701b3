// May this actor make, change or use a port so? Asked of every way to a port: the API of ports and, before a server is
// accepted or given an interface, compute's face. There is no second set of rules for servers (F6, G17).
import type { Context } from '../../platform/context.ts'
import { forbidden } from '../../platform/errors.ts'
import type { Values } from '../api/body.ts'
import { authorizeCreate, authorizeUpdate, type Found } from '../api/permission.ts'
import { networkFor } from '../networks/target.ts'
import { ports, type PortFacts } from './ports.ts'
import { referencesCheck } from '../api/references.ts'
import type { NetworkRow, PortRow } from '../store/tables.ts'

/** As POST /ports with these values would ask; refuses as it would. */
export async function portCreateAuthorize(ctx: Context, given: Values): Promise<void> {
  const named = Object.keys(given)
  await authorizeCreate(ctx, ports, [{ values: { project_id: ctx.actor.projectId ?? '', ...given }, named }])
  await referencesCheck(ctx, ports.attributes, [{ values: given, named }])
}

/** As PUT /ports/:id with these values would ask; returns the row. */
export async function portUpdateAuthorize(tx: Context, id: string, values: Values): Promise<Found<PortRow, PortFacts>> {
  const item = { values, named: Object.keys(values) }
  const found = await authorizeUpdate(tx, ports, { id, ...item })
  await referencesCheck(tx, ports.attributes, [item])
  return found
}

/**
 * The network that a server is to be on, by whatever way: asked for itself, or a port's. Not found when the actor may
 * not see it; an external one that is not shared is for those alone whom Nova's own rule lets in, owners included.
 */
export async function serverNetworkAuthorize(ctx: Context, networkId: string): Promise<NetworkRow> {
  const { parent: network, target } = await networkFor(ctx, networkId)
  if (network.external && target['shared'] !== true && !ctx.allows(undefined, 'network:attach_external_network')) {
    throw forbidden(`It is not allowed to create an interface on external network ${networkId}`)
  }
  return network
}
