// The version documents: /network and /network/v2.0, which keystoneauth's discovery reads.
import { operation, type Operation } from '../../platform/api/operation.ts'

/** Neutron lists its resources at v2.0. */
const resources = [
  'subnet',
  'network',
  'port',
  'security_group',
  'security_group_rule',
  'router',
  'floatingip',
  'subnetpool',
  'agent',
  'quota',
  'rbac_policy',
  'address_scope',
  'extension',
]
const collectionOf = (name: string) =>
  name === 'rbac_policy' ? 'rbac-policies' : name === 'quota' ? 'quotas' : `${name.replaceAll('_', '-')}s`

export const versionOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '^',
    summary: 'List versions',
    policy: null,
    status: 200,
    handler: async (ctx) => ({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${ctx.config.publicUrl}/network/v2.0/` }] }],
    }),
  }),
  operation({
    method: 'GET',
    path: '',
    summary: 'List resources',
    policy: null,
    status: 200,
    handler: async (ctx) => ({
      resources: resources.map((name) => ({
        name,
        collection: collectionOf(name).replaceAll('-', '_'),
        links: [{ rel: 'self', href: `${ctx.config.publicUrl}/network/v2.0/${collectionOf(name)}` }],
      })),
    }),
  }),
]
