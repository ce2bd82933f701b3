// What a new cloud holds: accounts, catalog, flavors, networks. Every step is safe to repeat; the first start that ends
// well is remembered. The image, which may fail where the rest cannot, is first-image.ts.
import type { Context } from '../platform/context.ts'
import { computeBootstrap } from '../compute/index.ts'
import { identityBootstrap, type IdentityBootstrapped } from '../identity/index.ts'
import { networkBootstrap } from '../network/index.ts'
import { volumeBootstrap } from '../volume/index.ts'
import { publicRange } from './public-range.ts'
import type { Secrets } from './secrets.ts'
import { settingFetch, settingSet } from './settings.ts'

/** The catalog: keystoneauth finds each service's versions below its path. */
const catalog = [
  { type: 'identity', name: 'keystone', path: '/identity/v3' },
  { type: 'compute', name: 'nova', path: '/compute/v2.1' },
  { type: 'placement', name: 'placement', path: '/placement' },
  { type: 'network', name: 'neutron', path: '/network' },
  { type: 'image', name: 'glance', path: '/image' },
  { type: 'volumev3', name: 'cinderv3', path: '/volume/v3' },
  { type: 'block-storage', name: 'cinder', path: '/volume/v3' },
]

export interface BootstrapOptions {
  secrets: Secrets
  progress(message: string): void
}

const doneSetting = 'bootstrap'

export async function bootstrap(ctx: Context, { secrets, progress }: BootstrapOptions): Promise<void> {
  if ((await settingFetch(ctx.db, doneSetting)) === 'done') return
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
  await settingSet(ctx.db, doneSetting, 'done')
}
