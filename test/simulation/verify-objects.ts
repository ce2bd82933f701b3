// What must be so of objects once the world has healed: each name holds what was acknowledged, whole, and the listing says the same.
import type { Ledger } from './ledger.ts'
import { absent, md5, type Name } from './object-book.ts'
import { accountUrl } from './operations-objects.ts'
import type { World } from './world.ts'

export async function verifyObjects(world: World, { objects }: Ledger): Promise<void> {
  const containers = Map.groupBy(objects.names, ({ tenant, container }) => `${tenant} ${container}`)
  for (const names of containers.values()) {
    const [{ tenant, container } = { tenant: '', container: '' }] = names
    const client = world.client(`member@${tenant}`)
    const listing = await world.drive(client.call('GET', `${accountUrl(tenant)}/${container}?format=json`))
    const listed = new Map(
      listing.status === 404 ? [] : (listing.body as { name: string; hash: string }[]).map(({ name, hash }) => [name, hash]),
    )
    for (const name of names) await verifyName(world, name, listed.get(name.object))
  }
}

async function verifyName(world: World, name: Name, listed: string | undefined): Promise<void> {
  const { tenant, container, object, can, isUnknown } = name
  const url = `${accountUrl(tenant)}/${container}/${object}`
  const answer = await world.drive(world.client(`member@${tenant}`).call('GET', url))
  if (answer.status !== 200 && answer.status !== 404) return world.violation(`GET of ${url}: ${answer.status}`)
  const is = answer.status === 404 ? absent : md5(answer.text)
  if (!can.has(is) && !isUnknown)
    world.violation(`${url} holds ${is || 'nothing'}, and may hold ${[...can].map((one) => one || 'nothing').join(' or ')}`)
  if (is !== absent && is !== answer.headers['etag']) world.violation(`${url} is not what its ETag says`)
  if ((listed ?? absent) !== is) world.violation(`${url} holds ${is || 'nothing'}, and is listed with ${listed ?? 'nothing'}`)
}

/** Each tenant deletes its objects and containers. */
export async function sweepObjects(world: World): Promise<void> {
  const remove = async (account: string, path: string) => {
    const answer = await world.drive(world.client(`member@${account}`).call('DELETE', `${accountUrl(account)}/${path}`))
    if (answer.status >= 300 && answer.status !== 404) world.violation(`sweeping: DELETE ${account}/${path} answered ${answer.status}`)
  }
  const containers = world.objects.rows<{ id: string; account: string; name: string }>('select id, account, name from containers')
  for (const { id, account, name: container } of containers) {
    for (const { name } of world.objects.rows<{ name: string }>('select name from objects where container_id = ?', id))
      await remove(account, `${container}/${name}`)
    await remove(account, container)
  }
}
