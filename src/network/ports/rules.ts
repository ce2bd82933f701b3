// What a port may be: its groups, its owner, its MAC.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import { defaultGroupEnsure } from '../security-groups/default-group.ts'
import { securityGroupNotFound } from '../faults.ts'
import { routerRows } from '../routers/store.ts'
import { securityGroupRows } from '../security-groups/store.ts'

/** A MAC of OpenStack's own range. */
export const newMac = (ctx: Context): string =>
  `fa:16:3e:${ctx.ids
    .bytes(3)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1:')}`

interface GroupQuestion {
  project_id: string
  device_owner?: string
  security_groups?: string[] | null
}

/** The groups asked for, which were looked up for the actor, or the project's default one; ports of the network itself have none. */
export async function groupsFor(tx: Context, values: GroupQuestion, portSecurity: boolean): Promise<string[]> {
  const asked = values.security_groups
  if (asked !== undefined && asked !== null) return [...new Set(asked)]
  const isTrusted = (values.device_owner ?? '').startsWith('network:')
  if (!portSecurity || isTrusted || values.project_id === '') return []
  return [await defaultGroupEnsure(tx, values.project_id)]
}

/** Groups that were looked up with their user's rights when the work was accepted: they must still be there. */
export async function groupsKept(tx: Context, ids: string[]): Promise<void> {
  for (const id of ids) if (!(await securityGroupRows.fetch(tx.db, id))) throw securityGroupNotFound(id)
}

/** A port's groups are all of one kind: those that follow connections, or those that do not. */
export async function groupKindsCheck(tx: Context, ids: string[]): Promise<void> {
  const kinds = new Set(ids.length < 2 ? [] : (await securityGroupRows.many(tx.db, ids)).map(({ stateful }) => stateful))
  if (kinds.size < 2) return
  throw conflict(
    'Error Cannot apply both stateful and stateless security groups on the same port at the same time while attempting the operation.',
    { type: 'SecurityGroupConflict' },
  )
}

export function securityCheck(portSecurity: boolean, has: { groups: string[]; pairs: number }): void {
  if (portSecurity) return
  if (has.groups.length > 0) {
    throw badRequest('Port security must be enabled and port must have an IP address in order to use security groups.', {
      type: 'PortSecurityAndIPRequiredForSecurityGroups',
    })
  }
  if (has.pairs > 0)
    throw conflict('Port Security must be enabled in order to have allowed address pairs on a port.', {
      type: 'AddressPairAndPortSecurityRequired',
    })
}

const routerOwners = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:router_gateway',
  'network:ha_router_replicated_interface',
])

/** Naming another project's router as device does not put a port into it (attack-26). */
export async function deviceOwnerCheck(
  tx: Context,
  values: { device_owner?: string; device_id?: string; project_id?: string },
): Promise<void> {
  if (!routerOwners.has(values.device_owner ?? '') || !values.device_id || tx.allows({}, 'context_is_admin')) return
  const router = await routerRows.fetch(tx.db, values.device_id)
  if (router && router.project_id !== tx.actor.projectId) {
    throw conflict(`The following device_id ${values.device_id} is not owned by your tenant or matches another tenants router.`, {
      type: 'DeviceIDNotOwnedByTenant',
    })
  }
}
