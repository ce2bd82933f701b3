// The S3 API's own listener: its clients know no path in an endpoint, and a bucket may be called `identity`. What a request means stands
// in door.ts, which is loaded when the first one comes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { openServer } from '../../platform/api/open-server.ts'
import type { Platform } from '../../platform/context.ts'
import type { S3Door } from '../../platform/object-settings.ts'
import type { S3Listening } from './listening.ts'

export async function s3Listen(platform: Platform, door: S3Door): Promise<S3Listening> {
  const { config } = platform
  const hosts = { baseHosts: baseHosts(door) }
  // requests that follow each other on one connection are answered in turn: the next may ask for what the last one wrote
  const turns = new WeakMap<object, Promise<void>>()
  const answer = (raw: IncomingMessage, response: ServerResponse): void => {
    const turn = (turns.get(raw.socket) ?? Promise.resolve())
      .then(() => import('./door.ts'))
      .then(({ s3Handle }) => s3Handle(platform, hosts, [raw, response]))
      .catch((error: unknown) => {
        platform.log.error({ err: error }, 'a request failed outside of the s3 door')
        response.destroy()
      })
    turns.set(raw.socket, turn)
  }
  const server = openServer(answer, { answersExpect: () => true, tls: config.object.s3Tls })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(door.listen.port, door.listen.address, resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : door.listen.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Names below which the next word is a bucket: addresses have none. */
function baseHosts({ publicUrl }: S3Door): string[] {
  const named = [new URL(publicUrl).hostname.toLowerCase()].filter((host) => /[a-z]/.test(host) && !host.includes(':'))
  return [...new Set([...named, 'localhost'])]
}
