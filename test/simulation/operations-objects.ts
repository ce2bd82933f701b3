// What tenants do with objects, through the Swift API. Names are few, so that they are written again and again.
import type { Asking, Operation } from './operation.ts'
import { absent, md5, type Name } from './object-book.ts'
import { chance, pick, whole, type Random } from './random.ts'

const containers = ['box', 'kept']
const names = 6
/** larger ones have a file of their own */
const sizes = [0, 1, 1_000, 65_536, 65_537, 200_000]

export const accountUrl = (tenant: string): string => `/object/v1/AUTH_${tenant}`
const urlOf = ({ tenant, container, object }: Name): string => `${accountUrl(tenant)}/${container}/${object}`

const some = ({ ledger, random, tenant }: Asking): Name => ledger.objects.name(tenant, pick(random, containers), `o${whole(random, names)}`)

/** Content that no other request sends. */
function contentOf(random: Random, name: string): Buffer {
  const bytes = Buffer.alloc(pick(random, sizes), `${name} `)
  return bytes.length === 0 ? Buffer.from(name) : bytes
}

/** Who answers that it is done has it done; a refusal that is no loss of ours changed nothing. */
const etagOf = ({ status, headers }: { status: number; headers: Record<string, unknown> }): string | undefined =>
  status === 201 ? String(headers['etag']).replaceAll('"', '') : undefined

const put: Operation = async (asking) => {
  const { client, ledger, random, tenant, name } = asking
  const target = some(asking)
  const bytes = contentOf(random, name)
  await client.call('PUT', `${accountUrl(tenant)}/${target.container}`, undefined)
  await ledger.objects.write(target, {
    becomes: [md5(bytes)],
    ask: () => client.call('PUT', urlOf(target), bytes, { 'x-object-meta-ask': name }),
    is: etagOf,
  })
}

const copy: Operation = async (asking) => {
  const { client, ledger } = asking
  const [source, target] = [some(asking), some(asking)]
  if (source === target) return
  try {
    await ledger.objects.write(target, {
      becomes: [...source.ever],
      ask: () => client.call('COPY', urlOf(source), undefined, { destination: `${target.container}/${target.object}` }),
      is: etagOf,
    })
  } catch (error) {
    target.isUnknown = true
    throw error
  }
}

const remove: Operation = async (asking) => {
  const { client, ledger } = asking
  const target = some(asking)
  await ledger.objects.write(target, {
    becomes: [absent],
    ask: () => client.call('DELETE', urlOf(target), undefined),
    // that there is none may be told before the disk knows: only who was told that it was deleted has a promise
    is: ({ status }) => (status === 204 ? absent : undefined),
  })
}

/** What is read in the midst of everything is whole, and one that was there. */
const read: Operation = async (asking) => {
  const { client, random } = asking
  const target = some(asking)
  if (chance(random, 0.2)) return void (await client.call('GET', `${accountUrl(target.tenant)}/${target.container}?format=json`))
  const { status, headers, text } = await client.call('GET', urlOf(target))
  if (status === 404) return
  if (status !== 200) return client.violation(`GET of ${urlOf(target)} answered ${status}: ${text.slice(0, 200)}`)
  const seen = md5(text)
  if (seen !== headers['etag']) client.violation(`${urlOf(target)} is not what its ETag says`)
  if (!target.ever.has(seen) && !target.isUnknown) client.violation(`${urlOf(target)} holds what nobody wrote`)
}

export const objects = {
  'put object': put,
  'copy object': copy,
  'delete object': remove,
  'read object': read,
} satisfies Record<string, Operation>

export const objectKinds: (readonly [weight: number, kind: keyof typeof objects])[] = [
  [6, 'put object'],
  [2, 'copy object'],
  [2, 'delete object'],
  [2, 'read object'],
]
