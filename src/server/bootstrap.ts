// What a new cloud holds: accounts, catalog, flavors, networks; and what a later version brought, which clouds of before get at
// their next start. Every step is safe to repeat; that it ended well is remembered, and what an operator then removes stays away.
// The image, which may fail where the rest cannot, is first-image.ts.
import type { Context } from '../platform/context.ts'
import { computeBootstrap } from '../compute/index.ts'
import { identityBootstrap, identityExtend, type CatalogEntry, type IdentityBootstrapped } from '../identity/index.ts'
import { networkBootstrap } from '../network/index.ts'
import { volumeBootstrap } from '../volume/index.ts'
import { publicRange } from './public-range.ts'
import type { Secrets } from './secrets.ts'
import { settingFetch, settingSet } from './settings.ts'

/** The catalog: keystoneauth finds each service's versions below its path. */
const catalog: CatalogEntry[] = [
  { type: 'identity', name: 'keystone', at: { path: '/identity/v3' } },
  { type: 'compute', name: 'nova', at: { path: '/compute/v2.1' } },
  { type: 'placement', name: 'placement', at: { path: '/placement' } },
  { type: 'network', name: 'neutron', at: { path: '/network' } },
  { type: 'image', name: 'glance', at: { path: '/image' } },
  { type: 'volumev3', name: 'cinderv3', at: { path: '/volume/v3' } },
  { type: 'block-storage', name: 'cinder', at: { path: '/volume/v3' } },
]

/** Swift's roles beside those of all services: who administers all accounts, who has one as members have. */
const objectStorage = {
  roles: ['ResellerAdmin', 'swiftoperator'],
  services: [
    { type: 'object-store', name: 'swift', at: { path: '/object/v1/AUTH_%(project_id)s' } },
    { type: 's3', name: 's3', at: 's3' },
  ] satisfies CatalogEntry[],
}

export interface BootstrapOptions {
  secrets: Secrets
  progress(message: string): void
}

export async function bootstrap(ctx: Context, options: BootstrapOptions): Promise<void> {
  await once(ctx, 'bootstrap', () => first(ctx, options))
  await once(ctx, 'bootstrap of object storage', () => identityExtend(ctx, objectStorage))
}

/** By the name of a setting, kept for ever. */
async function once(ctx: Context, setting: string, step: () => Promise<void>): Promise<void> {
  if ((await settingFetch(ctx.db, setting)) === 'done') return
  await step()
  await settingSet(ctx.db, setting, 'done')
}

async function first(ctx: Context, { secrets, progress }: BootstrapOptions): Promise<void> {
  progress('accounts and catalog')
  const made: IdentityBootstrapped = await identityBootstrap(ctx, {
    adminPassword: secrets.adminPassword,
    demoPassword: secrets.demoPassword,
    services: catalog,
  })
  progress('flavors, volume types and networks')
  await computeBootstrap(ctx)
  await volumeBootstrap(ctx)
  await networkBootstrap(ctx, { adminProjectId: made.adminProjectId, demoProjectId: made.demoProjectId, publicCidr: publicRange(ctx) })
}
