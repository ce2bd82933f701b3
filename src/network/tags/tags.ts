// Tags on any resource that has the standard attributes. An actor who may see and change the resource may tag it (attack-25).
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { table } from '../../platform/table.ts'
import { resourceFetch, type Resource, type ResourceRow } from '../api/resource.ts'
import { refuse } from '../api/permission.ts'
import { text } from '../api/readers.ts'
import { floatingIps } from '../floating-ips/floating-ips.ts'
import { invalidInput } from '../faults.ts'
import { networks } from '../networks/networks.ts'
import { ports } from '../ports/ports.ts'
import { routers } from '../routers/routers.ts'
import { securityGroups } from '../security-groups/security-groups.ts'
import { subnetpools } from '../subnetpools/subnetpools.ts'
import { subnets } from '../subnets/subnets.ts'
import { networkRows } from '../networks/store.ts'
import { routerRows } from '../routers/store.ts'
import { subnetRows } from '../subnets/store.ts'
import { floatingIpRows } from '../floating-ips/store.ts'
import { portRows } from '../ports/store.ts'
import { securityGroupRows } from '../security-groups/store.ts'
import { subnetpoolRows } from '../subnetpools/store.ts'

interface Tagged extends ResourceRow {
  tags: string[]
}

interface Tagging {
  change(ctx: Context, id: string, change: { tags: string[] }): Promise<unknown>
}

const taggable: Record<string, { resource: Resource<Tagged>; rows: Tagging }> = table({
  networks: { resource: networks, rows: networkRows },
  subnets: { resource: subnets, rows: subnetRows },
  ports: { resource: ports, rows: portRows },
  routers: { resource: routers, rows: routerRows },
  floatingips: { resource: floatingIps, rows: floatingIpRows },
  'security-groups': { resource: securityGroups, rows: securityGroupRows },
  security_groups: { resource: securityGroups, rows: securityGroupRows },
  subnetpools: { resource: subnetpools, rows: subnetpoolRows },
})

const maxTags = 50
const maxTagLength = 255

async function find(tx: Context, collection: string, id: string): Promise<{ row: Tagged; rows: Tagging }> {
  const kind = Object.hasOwn(taggable, collection) ? taggable[collection] : undefined
  if (!kind) throw notFound('The resource could not be found.', { type: 'HTTPNotFound' })
  const missing = () => notFound(`Resource ${collection} ${id} could not be found.`, { type: 'TagResourceNotFound' })
  const found = await resourceFetch(tx, { ...kind.resource, missing }, id)
  if (!tx.allows(found.target)) throw refuse(tx.rule ?? '')
  return { row: found.row, rows: kind.rows }
}

export async function tagsGet(ctx: Context, collection: string, id: string): Promise<string[]> {
  const { row } = await find(ctx, collection, id)
  return row.tags
}

/** Changes the tags; `update` gets those that are there. */
export async function tagsUpdate(
  ctx: Context,
  at: { collection: string; id: string },
  update: (held: string[]) => string[],
): Promise<string[]> {
  return ctx.transaction(async (tx) => {
    const { row, rows } = await find(tx, at.collection, at.id)
    const held = row.tags
    const tags = [...new Set(update(held))]
    if (tags.length > maxTags) throw invalidInput(`The number of tags exceed the per-resource limit of ${maxTags}`)
    if (tags.length !== held.length || tags.some((tag, index) => tag !== held[index])) await rows.change(tx, row.id, { tags })
    return tags
  })
}

/** Tags as a body gives them. */
export function tagsCheck(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidInput('Invalid tags body')
  const tags = value.map(tagCheck)
  if (new Set(tags).size !== tags.length) throw invalidInput(`Duplicate items in the list: '${tags.join(', ')}'`)
  return tags
}

export function tagCheck(value: unknown): string {
  if (typeof value === 'string' && value.length > maxTagLength) throw invalidInput(`'${value}' exceeds maximum length of ${maxTagLength}`)
  const tag = text(maxTagLength)(value, 'tags') as string
  if (tag === '') throw invalidInput("'' Blank strings are not permitted")
  if (tag.includes(',')) throw invalidInput(`'${tag}' contains a comma`)
  return tag
}

export const tagNotFound = (tag: string) => notFound(`Tag ${tag} could not be found.`, { type: 'TagNotFound' })
