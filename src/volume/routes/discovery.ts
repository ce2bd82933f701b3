// Version documents, extensions, zones, filters: what clients ask before they begin.
import { notFound } from '../../platform/errors.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { versionDocument } from '../../platform/api/version-document.ts'
import type { RawQuery } from '../../platform/api/schema.ts'
import { resourceFilters } from '../listing.ts'
import { listQuery, one } from './list-query.ts'

export const microversions = { min: '3.0', max: '3.71', service: 'volume' }

const versions = (publicUrl: string) => ({
  versions: [
    {
      id: 'v3.0',
      status: 'CURRENT',
      version: microversions.max,
      min_version: microversions.min,
      updated: '2023-08-31T00:00:00Z',
      links: [
        { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
        { rel: 'self', href: `${publicUrl}/volume/v3/` },
      ],
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
    },
  ],
})

const extension = (alias: string, name: string, description: string, updated: string) => ({
  name,
  alias,
  description,
  updated: `${updated}T00:00:00+00:00`,
  links: [],
})

/** Of Cinder's, those that are served here: no backups, no consistency groups. */
const extensions = [
  extension('os-vol-image-meta', 'VolumeImageMetadata', 'Show image metadata associated with the volume.', '2012-12-07'),
  extension('os-used-limits', 'UsedLimits', 'Provide data on limited resources that are being used.', '2013-10-03'),
  extension('os-admin-actions', 'AdminActions', 'Enable admin actions.', '2012-08-25'),
  extension('os-types-extra-specs', 'TypesExtraSpecs', 'Type extra specs support.', '2011-08-24'),
  extension('encryption', 'VolumeTypeEncryption', 'Encryption support for volume types.', '2013-07-01'),
  extension('os-volume-encryption-metadata', 'VolumeEncryptionMetadata', 'Volume encryption metadata retrieval support.', '2013-07-10'),
  extension('os-snapshot-actions', 'SnapshotActions', 'Enable snapshot manager actions.', '2013-07-16'),
  extension('os-quota-sets', 'Quotas', 'Quota management support.', '2011-08-08'),
  extension('os-volume-actions', 'VolumeActions', 'Enable volume actions.', '2012-05-31'),
  extension('os-quota-class-sets', 'QuotaClasses', 'Quota classes management support.', '2012-03-12'),
  extension('os-availability-zone', 'AvailabilityZones', 'Describe Availability Zones.', '2013-06-27'),
  extension('os-volume-type-access', 'VolumeTypeAccess', 'Volume type access support.', '2014-06-26'),
  extension('os-services', 'Services', 'Services support.', '2012-10-28'),
  extension('os-hosts', 'Hosts', 'Admin-only host administration.', '2011-06-29'),
  extension('os-types-manage', 'TypesManage', 'Types manage support.', '2011-08-24'),
  extension('os-extended-snapshot-attributes', 'ExtendedSnapshotAttributes', 'Extended SnapshotAttributes support.', '2012-06-19'),
  extension('qos-specs', 'Qos_specs_manage', 'QoS specs support.', '2013-08-02'),
  extension('os-vol-host-attr', 'VolumeHostAttribute', 'Expose host as an attribute of a volume.', '2011-11-03'),
  extension('scheduler-stats', 'Scheduler_stats', 'Scheduler stats support.', '2014-09-07'),
  extension('os-vol-mig-status-attr', 'VolumeMigStatusAttribute', 'Expose migration_status as an attribute of a volume.', '2013-08-08'),
  extension('os-volume-transfer', 'VolumeTransfer', 'Volume transfer management support.', '2013-05-29'),
  extension('os-vol-tenant-attr', 'VolumeTenantAttribute', 'Expose the internal project_id as an attribute of a volume.', '2011-11-03'),
  extension('OS-SCH-HNT', 'SchedulerHints', 'Pass arbitrary key/value pairs to the scheduler.', '2013-04-18'),
  extension('os-extended-services', 'ExtendedServices', 'Extended services support.', '2014-01-10'),
  extension('os-volume-manage', 'VolumeManage', "Allows existing backend storage to be 'managed' by Cinder.", '2014-02-10'),
  extension('os-volume-unmanage', 'VolumeUnmanage', 'Enable volume unmanage operation.', '2012-05-31'),
  extension('os-snapshot-manage', 'SnapshotManage', "Allows existing backend storage to be 'managed' by Cinder.", '2014-12-31'),
  extension('os-snapshot-unmanage', 'SnapshotUnmanage', 'Enable volume unmanage operation.', '2014-12-31'),
  extension('capabilities', 'Capabilities', 'Capabilities support.', '2015-08-31'),
]

/** For whoever has a token. */
const open = (path: string, summary: string, answer: (request: ApiRequest<RawQuery>) => unknown, since?: string) =>
  operation({
    method: 'GET',
    path,
    summary,
    policy: 'allow_all',
    status: 200,
    ...(since === undefined ? {} : { versions: [since, null] as [string, null] }),
    query: listQuery,
    async handler(ctx, request) {
      ctx.authorize()
      return answer(request)
    },
  })

export const versionOperations: Operation[] = [versionDocument('^', versions, 300), versionDocument('^/v3', versions)]

export const discoveryOperations: Operation[] = [
  open('/extensions', 'List extensions', () => ({ extensions })),
  open('/extensions/:alias', 'Show an extension', ({ params }) => {
    const found = extensions.find((each) => each.alias === params['alias'])
    if (!found) throw notFound()
    return { extension: found }
  }),
  open('/os-availability-zone', 'List availability zones', () => ({
    availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }],
  })),
  open(
    '/resource_filters',
    'List filters',
    ({ query }) => ({
      resource_filters: Object.entries(resourceFilters).flatMap(([name, filters]) =>
        [undefined, name].includes(one(query, 'resource')) ? [{ resource: name, filters }] : [],
      ),
    }),
    '3.33',
  ),
]
