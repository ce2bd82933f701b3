// Where an import's bytes come from: a URL that its user wrote, or another Glance of the same catalog, asked with the
// user's token. The token is kept in this process alone, never in a row: who dies with it has the import fail.
import { LRUCache } from 'lru-cache'
import type { Readable } from 'node:stream'
import { endpointUrl } from '../identity/index.ts'
import { cache, type Context } from '../platform/context.ts'
import { guardedFetch, type GuardedAnswer } from '../platform/guarded-fetch/fetch.ts'
import { outbound } from '../platform/guarded-fetch/outbound.ts'
import { PermanentError } from '../platform/work/definition.ts'
import { isReservedName } from './reserved-names.ts'

export type ImportFrom = { kind: 'web'; uri: string } | { kind: 'glance'; region: string; imageId: string; interface: string }

export interface Source {
  stream: Readable
  /** what must come; null: nobody said */
  sizeBytes: number | null
  /** what the other Glance says of its image, which becomes true of this one */
  like: { disk_format: string; container_format: string; properties: Record<string, string> } | null
}

interface Opening {
  from: ImportFrom
  taskId: string
  maxBytes: number
  signal: AbortSignal | undefined
}

const tokens = (ctx: Pick<Context, 'caches'>) => cache(ctx, 'image.import-tokens', () => new LRUCache<string, string>({ max: 1000 }))

/** For the import of this task, until `tokenForget`. */
export const tokenKeep = (ctx: Context, taskId: string, token: string): void => void tokens(ctx).set(taskId, token)
export const tokenForget = (ctx: Context, taskId: string): void => void tokens(ctx).delete(taskId)

/** Throws PermanentError, GuardError, or what the network says. */
export function sourceOpen(ctx: Context, opening: Opening): Promise<Source> {
  return opening.from.kind === 'web' ? openWeb(ctx, opening, opening.from.uri) : openGlance(ctx, opening, opening.from)
}

async function openWeb(ctx: Context, { maxBytes, signal }: Opening, uri: string): Promise<Source> {
  const answer = await guardedFetch({ ...outbound(ctx), url: uri, maxBytes, signal })
  return { stream: expectOk(answer).stream, sizeBytes: answer.lengthBytes, like: null }
}

function expectOk(answer: GuardedAnswer): GuardedAnswer {
  if (answer.status === 200) return answer
  answer.stream.destroy()
  throw new PermanentError(`HTTP Error ${answer.status} from ${new URL(answer.url).host}`)
}

/** properties that describe the disk and not what its owner thinks of it: Glance's default list */
const copiedPrefixes = ['hw_', 'trait:', 'os_distro', 'os_secure_boot', 'os_type']
const metadataBytes = 1_048_576

async function openGlance(ctx: Context, { taskId, maxBytes, signal }: Opening, from: ImportFrom & { kind: 'glance' }): Promise<Source> {
  const token = tokens(ctx).get(taskId)
  if (token === undefined) throw new PermanentError('the token that the image was to be fetched with is gone: the import was interrupted')
  const endpoint = await endpointUrl(ctx, { type: 'image', region: from.region, interface: from.interface })
  if (endpoint === null)
    throw new PermanentError(`Unable to find a glance endpoint for region ${from.region} and interface ${from.interface}.`)
  const { rules, ...rest } = outbound(ctx)
  const place = new URL(endpoint)
  // the operator has said in the catalog where it listens
  const port = place.port === '' ? [] : [Number(place.port)]
  const ask = async (path: string, max: number) =>
    expectOk(
      await guardedFetch({
        url: `${endpoint.replace(/\/$/, '').replace(/\/v2$/, '')}/v2/images/${from.imageId}${path}`,
        ...rest,
        rules: { ...rules, ports: [...rules.ports, ...port] },
        maxBytes: max,
        signal,
        secretHeaders: { 'x-auth-token': token },
      }),
    )
  const remote = await jsonOf((await ask('', metadataBytes)).stream)
  if (remote['status'] !== 'active')
    throw new PermanentError(`Source image status should be active instead of ${String(remote['status']).slice(0, 64)}`)
  const { size, disk_format, container_format } = remote
  if (typeof size !== 'number' || typeof disk_format !== 'string' || typeof container_format !== 'string')
    throw new PermanentError(`Size attribute of remote image ${from.imageId} could not be determined.`)
  const properties = Object.entries(remote).flatMap(([name, value]) =>
    typeof value === 'string' && copiedPrefixes.some((prefix) => name.startsWith(prefix)) && !isReservedName(name) && name.length <= 255
      ? [[name, value] as const]
      : [],
  )
  return {
    stream: (await ask('/file', maxBytes)).stream,
    sizeBytes: size,
    like: { disk_format, container_format, properties: Object.fromEntries(properties) },
  }
}

async function jsonOf(stream: Readable): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (error) {
    throw new PermanentError('the other Glance answered what is no JSON', { cause: error })
  }
  throw new PermanentError('the other Glance answered no image')
}
