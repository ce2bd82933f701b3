// The OpenStack layout of metadata: openstack/<version>/{meta_data.json, network_data.json, user_data, …}. The same
// tree serves the metadata service and the config drive.
import { createHash } from 'node:crypto'
import type { MetadataFacts } from './facts.ts'
import { networkData } from './network-data.ts'

/** Nova's dated versions, oldest first; each has all that the ones before had. */
export const openstackVersions = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  'latest',
]

/** name → content of one version's folder. */
export function openstackFiles(facts: MetadataFacts, version: string): Record<string, string | Buffer> {
  const since = (date: string) => openstackVersions.indexOf(version) >= openstackVersions.indexOf(date)
  return {
    'meta_data.json': JSON.stringify(metaData(facts, since)),
    ...(since('2013-04-04') ? { password: facts.password } : {}),
    ...(since('2013-10-17') ? { 'vendor_data.json': '{}' } : {}),
    ...(since('2015-10-15') ? { 'network_data.json': JSON.stringify(networkData(facts.ports)) } : {}),
    ...(since('2016-10-06') ? { 'vendor_data2.json': JSON.stringify({ static: {} }) } : {}),
    ...(facts.userData ? { user_data: facts.userData } : {}),
  }
}

function metaData(facts: MetadataFacts, since: (date: string) => boolean): Record<string, unknown> {
  return {
    uuid: facts.id,
    ...(Object.keys(facts.metadata).length > 0 ? { meta: facts.metadata } : {}),
    ...(facts.files.length > 0 ? { files: facts.files.map(({ path }, index) => ({ path, content_path: contentPath(index) })) } : {}),
    ...(facts.key
      ? { public_keys: { [facts.key.name]: facts.key.data }, keys: [{ name: facts.key.name, type: 'ssh', data: facts.key.data }] }
      : {}),
    hostname: facts.hostname,
    name: facts.name,
    launch_index: facts.launchIndex,
    availability_zone: facts.availabilityZone,
    ...(since('2013-04-04') ? { random_seed: randomSeed(facts) } : {}),
    ...(since('2015-10-15') ? { project_id: facts.projectId } : {}),
    ...(since('2016-06-30') ? { devices: devices(facts) } : {}),
    ...(since('2020-10-14') ? { dedicated_cpus: [] } : {}),
  }
}

/** Different for each server and boot volume, the same each time that it is asked for. */
const randomSeed = (facts: MetadataFacts): string => createHash('sha512').update(`${facts.id} ${facts.reservationId}`).digest('base64')

/** Devices with a tag, so that a guest finds which is which. */
function devices(facts: MetadataFacts): Record<string, unknown>[] {
  const nics = facts.ports.flatMap((port) => {
    const tag = facts.portTags.get(port.portId)
    return tag === undefined ? [] : [{ type: 'nic', bus: 'pci', address: '', mac: port.mac, tags: [tag] }]
  })
  const disks = facts.volumes.flatMap(({ volumeId, device, tag }) =>
    tag === null ? [] : [{ type: 'disk', bus: 'virtio', address: '', serial: volumeId, path: device, tags: [tag] }],
  )
  return [...nics, ...disks]
}

export const contentPath = (index: number): string => `/content/${String(index).padStart(4, '0')}`
