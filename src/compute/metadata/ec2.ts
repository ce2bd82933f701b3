// The EC2 layout of metadata: <version>/meta-data/… and <version>/user-data, a tree whose folders list their names.
import type { MetadataFacts } from './facts.ts'

export const ec2Versions = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
  'latest',
]

export type Tree = { [name: string]: Tree | string | Buffer }

/** What stands below one version. */
export function ec2Tree(facts: MetadataFacts): Tree {
  return { 'meta-data': metaData(facts), ...(facts.userData ? { 'user-data': facts.userData } : {}) }
}

function metaData(facts: MetadataFacts): Tree {
  const addresses = facts.ports
    .flatMap((port) => port.fixedIps.map(({ ipAddress }) => ipAddress))
    .filter((address) => !address.includes(':'))
  const floating = facts.ports.flatMap((port) => port.floatingIps.map(({ address }) => address))
  const groups = [...new Set(facts.ports.flatMap((port) => port.securityGroups.map(({ name }) => name)))]
  return {
    'ami-id': facts.imageId === '' ? 'None' : ec2Id('ami', facts.imageId),
    'ami-launch-index': String(facts.launchIndex),
    'ami-manifest-path': 'FIXME',
    'block-device-mapping': { ami: 'vda', root: '/dev/vda' },
    hostname: facts.hostname,
    'instance-action': 'none',
    'instance-id': ec2Id('i', facts.id),
    'instance-type': facts.flavorName,
    'local-hostname': facts.hostname,
    'local-ipv4': addresses[0] ?? '',
    placement: { 'availability-zone': facts.availabilityZone },
    'public-hostname': facts.hostname,
    'public-ipv4': floating[0] ?? '',
    ...(facts.key ? { 'public-keys': { [`0=${facts.key.name}`]: { 'openssh-key': facts.key.data } } } : {}),
    'reservation-id': facts.reservationId,
    'security-groups': groups.join('\n'),
  }
}

/** i-0a1b2c3d: EC2's short ids, from the first half of ours. */
const ec2Id = (kind: string, id: string): string => `${kind}-${id.replaceAll('-', '').slice(0, 8)}`

/** The content at a path, or the listing of a folder; undefined when there is nothing. */
export function ec2Read(tree: Tree, path: string[]): string | Buffer | undefined {
  let node: Tree | string | Buffer | undefined = tree
  for (const name of path.filter((part) => part !== '')) {
    if (typeof node !== 'object' || Buffer.isBuffer(node)) return undefined
    const inner: Tree = node
    // "0=mykey" is listed so, and asked for as "0"
    const key = Object.keys(inner).find((each) => each === name || each.split('=')[0] === name)
    node = key === undefined ? undefined : inner[key]
    if (node === undefined) return undefined
  }
  if (typeof node === 'string' || Buffer.isBuffer(node)) return node
  const folder: Tree = node ?? {}
  return Object.keys(folder)
    .sort()
    .map((key) => (isFolder(folder[key]) && !key.includes('=') ? `${key}/` : key))
    .join('\n')
}

const isFolder = (node: unknown): boolean => typeof node === 'object' && !Buffer.isBuffer(node)
