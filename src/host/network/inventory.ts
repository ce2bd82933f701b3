// What is really there and ours: for fsck, for clean-slate checks, for people.
import type { HostNetwork } from '../contract.ts'
import type { Agents } from './context.ts'
import { readLinks } from './l2/links.ts'
import { aliasOf, tableName } from './names.ts'
import { namespaceExists } from './namespaces.ts'
import { attempt } from './run.ts'

/** What is really there and ours. */
export async function listAll({ registry, daemons }: Agents): ReturnType<HostNetwork['list']> {
  const alias = aliasOf(registry.instance)
  const mine = [...(await readLinks()).values()].filter((link) => link.alias === alias)
  const tables = JSON.parse((await attempt(['nft', '-j', 'list', 'tables'])).stdout || '{}') as {
    nftables?: { table?: { family: string; name: string } }[]
  }
  const names = (tables.nftables ?? []).flatMap(({ table }) =>
    table?.name === tableName(registry.instance) ? [`${table.family} ${table.name}`] : [],
  )
  return {
    bridges: mine.filter((link) => link.kind === 'bridge').map((link) => link.name),
    taps: mine.filter((link) => link.kind !== 'bridge').map((link) => link.name),
    namespaces: registry.namespaces().filter(namespaceExists),
    processes: daemons
      .names()
      .map((name) => daemons.pid(name))
      .filter((pid) => pid !== null),
    tables: names,
  }
}
