// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type Called } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'
import { facts } from './facts.ts'
import { q } from './query.ts'

/** A floating IP's address is meant as that: the port on the external network that holds it is a part of it, and is asked for by its id. */
export async function resourcesCalled(db: Db, word: string): Promise<Called[]> {
  const found = await calledIn(db, facts, word)
  const floating = found.filter(({ type }) => type === 'floatingip').map(({ id }) => id)
  const parts =
    floating.length === 0 ? [] : await q(db).selectFrom('floating_ips').select('floating_port_id').where('id', 'in', floating).execute()
  const meant = found.filter(({ id }) => id === word || !parts.some((part) => part.floating_port_id === id))
  const ports = meant.filter(({ type }) => type === 'port').map(({ id }) => id)
  const held =
    ports.length === 0
      ? []
      : await q(db).selectFrom('ports').select(['id', 'server_id']).where('id', 'in', ports).where('server_id', '<>', '').execute()
  const servers = new Map(held.map(({ id, server_id }) => [id, server_id]))
  return meant.map((one) => {
    const server = servers.get(one.id)
    return server === undefined ? one : { ...one, holder: { type: 'server', id: server } }
  })
}
