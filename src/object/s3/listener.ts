// The S3 API's own listener: its clients know no path in an endpoint, and a bucket may be called `identity`.
import { openServer } from '../../platform/api/open-server.ts'
import type { Platform } from '../../platform/context.ts'
import type { S3Door } from '../../platform/object-settings.ts'
import type { S3Listening } from './listening.ts'

export async function s3Listen({ config }: Platform, { listen }: S3Door): Promise<S3Listening> {
  const server = openServer(
    (request, response) => {
      request.resume()
      response.writeHead(501).end()
    },
    { answersExpect: () => true, tls: config.object.s3Tls },
  )
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listen.port, listen.address, resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
