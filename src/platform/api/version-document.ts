// Version documents: what a client's discovery reads before it has a token. The same for everybody, and made once.
import { operation, type Operation } from './operation.ts'

/** Made anew only when the URL that it names is another. */
export function oncePerUrl<T>(make: (publicUrl: string) => T): (publicUrl: string) => T {
  let known: { url: string; made: T } | undefined
  return (url) => (known = known?.url === url ? known : { url, made: make(url) }).made
}

export function versionDocument(path: string, make: (publicUrl: string) => unknown, status = 200): Operation {
  const document = oncePerUrl(make)
  return operation({
    method: 'GET',
    path,
    summary: 'Version document',
    policy: null,
    status,
    handler: async ({ config }) => document(config.publicUrl),
  })
}
