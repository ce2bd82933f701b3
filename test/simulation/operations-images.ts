// What tenants do with images.
import { deleteAny, type Operation } from './operation.ts'
import { chance } from './random.ts'

const glance = '/image/v2'
export const imageBytes = Buffer.alloc(4_096, 'stackling')

const create: Operation = async ({ client, ledger, random, tenant, name }) => {
  const answer = await client.call('POST', `${glance}/images`, { name, disk_format: 'raw', container_format: 'bare' })
  if (answer.status !== 201) return
  ledger.add({ kind: 'image', id: answer.body.id, tenant, name })
  if (chance(random, 0.9)) await client.call('PUT', `${glance}/images/${answer.body.id}/file`, imageBytes)
}

export const images = {
  'create image': create,
  'delete image': (asking) => deleteAny(asking, 'image', `${glance}/images`),
} satisfies Record<string, Operation>
