// How object storage is wired into the cloud: its store, service, doors, policy, work and checks. Only server/domains.ts imports it.
// What the doors and the engine are made of is loaded when the first request comes: most clouds hold no object.
import { glanceErrors } from '../platform/api/error-formats.ts'
import { anyMedia } from '../platform/api/media-types.ts'
import type { Domain } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { blobChecks, blobsStart, blobsStop, blobWork } from './blobs/wiring.ts'
import { engineName } from './engine-name.ts'
import { objectLifecycle } from './lifecycle/lifecycle.reconciler.ts'
import { objectPolicy, objectScopes } from './policy.ts'
import { swiftOperations } from './routes/operations.ts'
import { s3Listening, type S3Listening } from './s3/listening.ts'
import { objectColumns } from './store/tables.ts'
import { storageHost } from './storage-host.ts'

let door: Promise<typeof import('./swift/door.ts')> | undefined

/** Loaded once: to look a module up again costs each request some 20 µs. */
const swiftDoor = () => (door ??= import('./swift/door.ts'))

export const objectDomain: Domain = {
  name: 'object',
  migrations: {},
  facts: {},
  policy: objectPolicy,
  policyScopes: objectScopes,
  ownStore: { name: 'objects', migrations: migrationsIn(import.meta.dirname), columns: objectColumns },
  services: [
    { type: 'object-store', prefix: '/object', bases: ['/v1'], errors: glanceErrors, media: anyMedia, operations: swiftOperations },
  ],
  doors: [
    {
      prefix: '/object',
      ownsHost: (host, { config }) => storageHost(host, config.object.storageDomains) !== null,
      handle: async (request, response, parts) => (await swiftDoor()).swiftHandle(request, response, parts),
    },
  ],
  work: [...blobWork, objectLifecycle],
  checks: blobChecks,
  resourcesCalled: async (ctx, word) => (await import('./called.ts')).objectsCalled(ctx, word),
  async start(ctx) {
    const { platform, config, caches } = ctx
    await blobsStart(ctx)
    if (config.s3 !== null) caches.set(s3Listening, await (await import('./s3/listener.ts')).s3Listen(platform, config.s3))
  },
  async stop({ platform, caches }) {
    await (caches.get(s3Listening) as S3Listening | undefined)?.close()
    // a cloud whose doors nobody used has nothing counted
    if (caches.has(engineName)) await (await import('./engine/at-stop.ts')).engineStop(platform)
    await blobsStop(platform)
  },
}
