// The S3 API's own listener: its clients know no path in an endpoint, and a bucket may be called `identity`. What a request means stands
// in door.ts, which is loaded when the first one comes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, openServer, shut } from '../../platform/api/open-server.ts'
import type { Platform } from '../../platform/context.ts'
import type { S3Door } from '../../platform/object-settings.ts'
import type { S3Listening } from './listening.ts'

export async function s3Listen(platform: Platform, door: S3Door): Promise<S3Listening> {
  const { config } = platform
  const hosts = { baseHosts: baseHosts(door) }
  const answer = (raw: IncomingMessage, response: ServerResponse): void => {
    import('./door.ts')
      .then(({ s3Handle }) => s3Handle(platform, hosts, [raw, response]))
      .catch((error: unknown) => {
        platform.log.error({ err: error }, 'a request failed outside of the s3 door')
        response.destroy()
      })
  }
  const server = openServer(answer, { answersExpect: () => true, tls: config.object.s3Tls })
  return { port: await listen(server, door.listen), close: () => shut(server) }
}

/** Names below which the next word is a bucket: addresses have none. */
function baseHosts({ publicUrl }: S3Door): string[] {
  const named = [new URL(publicUrl).hostname.toLowerCase()].filter((host) => /[a-z]/.test(host) && !host.includes(':'))
  return [...new Set([...named, 'localhost'])]
}
