// Looks up every id that a user names, with the user's own right to see it (F9). Logic behind it may read the row from the
// store without asking again. The attribute tables say which attribute names what.
import type { Context } from '../../platform/context.ts'
import { addressGroups } from '../address-groups/address-groups.ts'
import { addressScopes } from '../address-scopes/address-scopes.ts'
import type { Attributes, ReferredKind } from './attribute.ts'
import type { ReadItem } from './body.ts'
import { resourcesFetch, type Resource } from './resource.ts'
import { networks } from '../networks/networks.ts'
import { ports } from '../ports/ports.ts'
import { securityGroups } from '../security-groups/security-groups.ts'
import { subnetpools } from '../subnetpools/subnetpools.ts'

type Named = Resource<{ id: string; project_id: string }>

const resources: Partial<Record<ReferredKind, Named>> = {
  security_group: securityGroups,
  address_group: addressGroups,
  subnetpool: subnetpools,
  address_scope: addressScopes,
  network: networks,
  port: ports,
}

/** All that the items name must be there for this actor; the first that is not is not found. */
export async function referencesCheck(tx: Context, attributes: Attributes, items: Pick<ReadItem, 'values' | 'named'>[]): Promise<void> {
  const wanted = new Map<Named, string[]>()
  for (const { values, named } of items) {
    for (const name of named) {
      const kind = attributes[name]?.refers
      const resource = kind && resources[kind]
      if (resource) wanted.set(resource, [...(wanted.get(resource) ?? []), ...idsOf(values[name])])
    }
  }
  for (const [resource, ids] of wanted) await resourcesFetch(tx, resource, ids)
}

const idsOf = (value: unknown): string[] => [value].flat().filter((id): id is string => typeof id === 'string')
