// The version documents: /network and /network/v2.0, which keystoneauth's discovery reads.
import type { Operation } from '../../platform/api/operation.ts'
import { versionDocument } from '../../platform/api/version-document.ts'

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
  versionDocument('^', (publicUrl) => ({
    versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${publicUrl}/network/v2.0/` }] }],
  })),
  versionDocument('', (publicUrl) => ({
    resources: resources.map((name) => ({
      name,
      collection: collectionOf(name).replaceAll('-', '_'),
      links: [{ rel: 'self', href: `${publicUrl}/network/v2.0/${collectionOf(name)}` }],
    })),
  })),
]
