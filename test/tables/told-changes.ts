// What the timeline's table knows of operations that change something: in which order they find what they need, bodies that change
// something, what they are done to, and which of them change nothing, or cannot be seen to here, and why.
import type { ServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'
import type { Estate } from './estate.ts'
import type { OperationRow } from './operations.ts'

export interface Scene {
  the: ServerCloud
  estate: Estate
  /** by service type and the segment before them in paths, what was made on the way */
  made: Record<string, string>
}

export const methods = ['POST', 'PUT', 'PATCH', 'DELETE']

/** actions in an order in which each finds what it needs; those that are not here come before these */
const actions = (
  'reboot pause unpause suspend resume os-stop os-start rescue unrescue resize revertResize shelve shelveOffload unshelve ' +
  'deactivate reactivate os-begin_detaching os-roll_detaching os-force_detach delete'
).split(' ')
const turn = ({ operation: { action }, path }: OperationRow) => actions.indexOf(action ?? path.split('/').at(-1) ?? '')

export const inOrder = (rows: OperationRow[]): OperationRow[] =>
  rows.sort(
    (a, b) =>
      methods.indexOf(a.operation.method) - methods.indexOf(b.operation.method) ||
      turn(a) - turn(b) ||
      // what is inside of something goes before it
      (a.operation.method === 'DELETE' ? b.path.length - a.path.length : 0),
  )

export interface Exception {
  pattern: RegExp
  reason: string
}
export const isIn = (exceptions: Exception[], name: string): boolean => exceptions.some(({ pattern }) => pattern.test(name))

/** successes that change nothing */
export const changesNothing: Exception[] = [
  { pattern: /action (injectNetworkInfo|resetNetwork)$/, reason: 'accepted for old clients, and nothing to do here' },
  { pattern: /^POST \/operations\/fsck/, reason: 'it looks; what it mends leaves lines' },
  { pattern: /workers\/cleanup/, reason: 'nothing rests here; what it mends leaves lines' },
  { pattern: /^(POST|DELETE) \/identity\/v3\/(auth\/tokens|s3tokens|ec2tokens)/, reason: 'a token is no resource' },
  { pattern: /(os-get\w+Console|os-getConsoleOutput|remote-consoles)/, reason: 'it shows; the ticket of a console is of some minutes' },
  {
    pattern: /(os-(show_image_metadata|initialize_connection|terminate_connection)|list_replication_targets)/,
    reason: 'it answers, and writes nothing',
  },
  { pattern: /os-aggregates\/:id\/images/, reason: 'it warms the caches of hosts' },
  { pattern: /os-roll_detaching/, reason: 'the volume is not being detached: nothing to turn back' },
]

/** operations that no request of this table gets through */
export const unproven: Exception[] = [
  { pattern: /OS-FEDERATION/, reason: 'this cloud federates with nobody' },
  { pattern: /\/backups/, reason: 'no backup service is up' },
  { pattern: /(_replication|os-services\/failover|clusters\/)/, reason: 'there are neither replicas nor clusters' },
  { pattern: /action (os-migrateLive|evacuate|os-migrate_volume)/, reason: 'one host: refused' },
  { pattern: /(os-getSPICEConsole|os-getRDPConsole|\/shares|image\/v2\/stores)/, reason: 'not to be had here: refused' },
  { pattern: /\/auth\/tokens|\/s3tokens|\/ec2tokens/, reason: 'a token is no resource' },
  {
    pattern: /\/identity\/.*(\/password|application_credential|OS-EC2|OS-TRUST|OS-OAUTH1|access_rule)/,
    reason: 'only with a token of one’s own: plants/identity.ts does it, and the rows tell by themselves',
  },
  {
    pattern: /\/identity\/.*\/config/,
    reason: 'options of a domain by group and name: src/identity/compliance.test.ts; the rows tell by themselves',
  },
  {
    pattern: /\/identity\/.*(implies|regions|services|domains|registered_limits)\//,
    reason: 'taken, held by another row, or not there: refused',
  },
  { pattern: /\/placement\//, reason: 'bodies with generations: src/placement/placement.test.ts; the rows tell by themselves' },
  {
    pattern: /\/images\/:id\/(file|stage|import|locations|members)|\/v2\/tasks/,
    reason: 'bytes, and states that only they bring: src/image tests',
  },
  { pattern: /metadefs/, reason: 'parts by their names: src/image/metadefs.test.ts; the rows tell by themselves' },
  { pattern: /agents\/:id\/|_router_interface|auto-allocated/, reason: 'the network is served, the subnet is taken: refused' },
  { pattern: /(manageable_|os-volume-manage|os-snapshot-manage)/, reason: 'data that no row explains: src/volume/manage.test.ts' },
  {
    pattern:
      /action (os-extend_volume_completion|revert|os-update_snapshot_status|create-from-src|os-begin_detaching|restore|shelveOffload)/,
    reason: 'a state that this table does not bring about: the tests of the sagas do',
  },
  {
    pattern: /\/volume\/.*(\/accept|attachments\/:id|groups\/:id|group_specs|messages|os-services)/,
    reason: 'a key, a connector or a name that nobody has: refused',
  },
  {
    pattern: /action (removeFixedIp|addFloatingIp|removeFloatingIp)|os-assisted-volume-snapshots/,
    reason: 'addresses and files of a guest: src/compute tests',
  },
  {
    pattern: /\/compute\/.*(os-keypairs|os-services|os-hosts|os-volume_attachments\/:volume|os-interface|metadata\/:key|tags)/,
    reason: 'refused: a key, a host or a part that is not there any more',
  },
  { pattern: /\/operations\/work/, reason: 'there is no work that waits' },
]

/** The body that changes something, where one that just fits does not. */
export async function bodyOf(row: OperationRow, scene: Scene): Promise<unknown> {
  const { the, estate, made } = scene
  const { ids } = estate
  const { volume } = makers(scene)
  const own: [RegExp, unknown][] = [
    [/^PUT .*\/tags( |$)/, { tags: ['other'] }],
    [/^PUT \/network\/v2.0\/quotas/, { quota: { network: 77 } }],
    [/^PUT .*\/os-quota-sets/, { quota_set: row.service.type === 'compute' ? { instances: 1000 } : { volumes: 1000 } }],
    [/^PUT .*\/os-quota-class-sets/, { quota_class_set: row.service.type === 'compute' ? { instances: 50 } : { volumes: 50 } }],
    [/^POST .*metadefs\/namespaces\/:namespace\/tags$/, { tags: [{ name: 'told' }] }],
    [/^POST .*\/address-scopes$/, { address_scope: { name: 'x', ip_version: 4 } }],
    [
      /^POST .*\/rbac-policies$/,
      { rbac_policy: { object_type: 'network', object_id: ids.network, action: 'access_as_shared', target_tenant: 'p9' } },
    ],
    [/^PUT .*\/metadata\/:key$/, { meta: { told: 'x' } }],
    [/^PUT .*(extra_specs|group_specs)\/:key$/, { told: 'x' }],
    [
      /^PUT .*\/os-services\/(enable|disable)/,
      { host: 'host1', binary: row.service.type === 'compute' ? 'nova-compute' : 'cinder-volume', disabled_reason: 'told' },
    ],
    [/^PUT .*\/os-services\/(freeze|thaw)/, { host: 'host1' }],
    [/^PUT .*\/os-aggregates\/:id$/, { aggregate: { name: 'told' } }],
    [/^POST .*action addTenantAccess/, { addTenantAccess: { tenant: made['identity projects'] } }],
    [/^POST .*action removeTenantAccess/, { removeTenantAccess: { tenant: made['identity projects'] } }],
    [/^POST .*action resize$/, { resize: { flavorRef: the.bigFlavorId } }],
    [/^POST \/identity\/v3\/endpoints$/, { endpoint: { interface: 'public', url: 'http://told', service_id: made['identity services'] } }],
    [
      /^POST \/identity\/v3\/registered_limits$/,
      { registered_limits: [{ service_id: made['identity services'], resource_name: 'told', default_limit: 1 }] },
    ],
    [/^POST \/placement\/resource_classes/, { name: 'CUSTOM_TOLD' }],
    [/^POST \/placement\/.*inventories$/, { resource_class: 'PCPU', total: 1 }],
    [/^PUT .*_router_interface$/, { subnet_id: ids.subnet }],
    [/^PUT .*\/subnetpools\/:id$/, { subnetpool: { name: 'told' } }],
    [/^POST .*types\/:id\/action addProjectAccess/, { addProjectAccess: { project: 'p9' } }],
    [/^POST .*types\/:id\/action removeProjectAccess/, { removeProjectAccess: { project: 'p9' } }],
    [/^POST \/identity\/v3\/credentials$/, { credential: { user_id: made['identity users'], type: 'cert', blob: 'told' } }],
    [
      /^POST \/identity\/v3\/limits$/,
      {
        limits: [{ service_id: made['identity services'], resource_name: 'told', resource_limit: 1, project_id: estate.project }],
      },
    ],
    [/^PATCH \/identity\/v3\/registered_limits/, { registered_limit: { default_limit: 2 } }],
    [/^PATCH \/identity\/v3\/limits/, { limit: { resource_limit: 2 } }],
    [/volumes\/:id\/action os-extend$/, { 'os-extend': { new_size: 2 } }],
    [/volumes\/:id\/action os-reset_status/, { 'os-reset_status': { status: 'error' } }],
    [/volumes\/:id\/action os-set_image_metadata/, { 'os-set_image_metadata': { metadata: { told: 'x' } } }],
    [/volumes\/:id\/action os-unset_image_metadata/, { 'os-unset_image_metadata': { key: 'told' } }],
    [/volumes\/:id\/action os-attach$/, { 'os-attach': { instance_uuid: ids.server, mountpoint: '/dev/vdx' } }],
    [/snapshots\/:id\/action os-update_snapshot_status/, { 'os-update_snapshot_status': { status: 'error' } }],
    [/\/os-volume_attachments( |$)/, async () => ({ volumeAttachment: { volumeId: await volume() } })],
    [/^POST \/volume\/.*\/attachments \[3.54/, async () => ({ attachment: { volume_uuid: await volume(), instance_uuid: ids.server } })],
    [/^POST .*transfers? \[[^/]*$/, async () => ({ transfer: { volume_id: await volume(), name: 'told' } })],
    [/^POST .*\/os-snapshots /, async () => ({ snapshot: { volume_id: await volume() } })],
    [/^PUT .*\/attachments\/:id/, { attachment: { connector: { host: 'host1' } } }],
    [/^PUT .*\/encryption\/:key$/, { encryption: { key_size: 128 } }],
    [/action addSecurityGroup$/, { addSecurityGroup: { name: ids.securityGroup } }],
    [/action removeSecurityGroup$/, { removeSecurityGroup: { name: ids.securityGroup } }],
    [/\/servers\/:id\/os-interface/, { interfaceAttachment: { net_id: ids.network } }],
    [/^POST .*\/os-aggregates\/:id\/action add_host$/, { add_host: { host: 'host1' } }],
    [/^POST .*\/os-aggregates\/:id\/action remove_host$/, { remove_host: { host: 'host1' } }],
    [/^POST .*\/os-aggregates\/:id\/images/, { cache: [{ id: the.imageId }] }],
    [/^POST .*\/os-security-groups/, { security_group: { name: 'told', description: 'told' } }],
    [/^PUT .*\/os-security-groups/, { security_group: { name: 'told2', description: 'told' } }],
    [
      /^POST .*\/os-security-group-rules/,
      { security_group_rule: { parent_group_id: ids.securityGroup, ip_protocol: 'tcp', from_port: 1, to_port: 2, cidr: '10.0.0.0/8' } },
    ],
    [/action unshelve/, { unshelve: null }],
    [/^POST .*\/images\/:id\/metadata/, { metadata: { told: 'x' } }],
    [/^PUT .*\/routers\/:id\/add_router_interface$/, { subnet_id: made['network subnets'] }],
    [/^POST .*\/os-floating-ips /, { pool: 'door' }],
    [/^PUT .*\/floatingips\/:id$/, { floatingip: { description: 'told' } }],
    [/^PUT .*\/address-scopes\/:id$/, { address_scope: { name: 'told' } }],
    [/^PUT .*\/agents\/:id$/, { agent: { description: 'told' } }],
    [/^PUT .*\/os-services\/:id \[2.53/, { status: 'disabled' }],
    [/^PUT .*\/os-services\/:id /, { host: 'host1', binary: 'nova-compute', disabled_reason: 'told' }],
    [/^PUT \/placement\/.*\/aggregates \[1.1–/, [made['identity projects']]],
    [/^PUT .*metadefs\/namespaces\/:namespace$/, { namespace: ids.namespace, display_name: 'told' }],
    [/^PATCH .*\/images\/:id$/, [{ op: 'replace', path: '/name', value: 'told' }]],
  ]
  const found = own.find(([pattern]) => pattern.test(row.name))?.[1]
  return typeof found === 'function' ? (found as () => Promise<unknown>)() : found
}

/** A thing of its own, or a fitting one, that something is done to; undefined: what was made last of its kind, or the estate's. */
export async function targetOf(row: OperationRow, scene: Scene): Promise<string | undefined> {
  const { ids } = scene.estate
  const { volume, snapshot, server } = makers(scene)
  const targets: [RegExp, () => Promise<string>][] = [
    [/volumes\/:id\/action (os-force_delete|os-unmanage|os-reset_status|os-extend|os-attach)$/, volume],
    [/snapshots\/:id\/action (os-unmanage|os-force_delete)/, snapshot],
    [/servers\/:id\/action (forceDelete|os-resetState|shelve)$/, () => server()],
    [/servers\/:id\/action confirmResize/, () => server({ resize: { flavorRef: scene.the.bigFlavorId } })],
    [/servers\/:id\/action unshelve/, () => server({ shelve: null })],
    [/types\/:id\/action \w+ProjectAccess/, async () => ids.volumeType],
    [/flavors\/:id\/action \w+TenantAccess/, async () => ids.flavor],
    [/^\w+ \/compute\/.*\/images\/:id|\/images\/:id\/actions/, async () => ids.image],
    [/\/placement\/(traits|resource_classes)\/:name/, async () => 'CUSTOM_TOLD2'],
  ]
  return targets.find(([pattern]) => pattern.test(row.name))?.[1]()
}

function makers({ the, estate }: Scene) {
  const as = `member@${estate.project}`
  const make = async (url: string, key: string, body: object): Promise<string> => {
    const { id } = (await the.api('POST', url, { as, body: { [key]: body } }))[key] as { id: string }
    await settled(the.cloud)
    return id
  }
  const volume = () => make('/volume/v3/volumes', 'volume', { size: 1 })
  return {
    volume,
    snapshot: async () => make('/volume/v3/snapshots', 'snapshot', { volume_id: await volume() }),
    server: async (action?: object) => {
      const networks = [{ uuid: estate.ids.network }]
      const wanted = { name: 'x', imageRef: the.imageId, flavorRef: the.flavorId, networks }
      const id = await make('/compute/v2.1/servers', 'server', wanted)
      if (action) await the.api('POST', `/compute/v2.1/servers/${id}/action`, { as, body: action })
      await settled(the.cloud)
      return id
    },
  }
}
