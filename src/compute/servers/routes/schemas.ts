// The bodies of server requests, by microversion: what Nova's schemas allow and nothing else.
import Type, { type Static } from 'typebox'
import { boolean, closed, description, hostName, metadata, name, nameOrNone, open, positiveInteger } from '../../routes/schemas.ts'

export const uuid = Type.String({ format: 'uuid' })
export const ipAddress = Type.Unsafe<string>({ type: 'string', format: 'ip' })

export const tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' })
export const adminPass = Type.String()
const base64 = Type.String({ format: 'base64', maxLength: 65_535 })
export const diskConfig = Type.Unsafe<'AUTO' | 'MANUAL'>({ type: 'string', enum: ['AUTO', 'MANUAL'] })
const hostname = Type.String({ minLength: 2, maxLength: 63, pattern: '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$' })
/** A fully qualified name, since 2.94. */
const fqdn = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })
const hostnameSince = (since: Since) => (since('2.90') ? { hostname: since('2.94') ? fqdn : hostname } : {})
export const flavorRef = Type.Unsafe<string | number>({ type: ['string', 'integer'], minLength: 1 })
export const maxTags = 50
const volumeSize = Type.Unsafe<string | number>({ type: ['integer', 'string'], pattern: '^[0-9]+$', minimum: 1, maximum: 0x7fffffff })
const trustedCertificates = Type.Unsafe<string[] | null>({
  type: ['array', 'null'],
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', minLength: 1 },
})
const personality = Type.Array(
  Type.Object({ path: Type.Optional(Type.String()), contents: Type.Optional(Type.String({ format: 'base64' })) }, closed),
)

export interface Since {
  (version: string): boolean
}

const nic = (since: Since) =>
  open({
    fixed_ip: ipAddress,
    port: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] }),
    uuid: since('2.37') ? uuid : Type.String(),
    ...((since('2.32') && !since('2.37')) || since('2.42') ? { tag } : {}),
  })

/** More than any guest can have. Nova names no limit, and then holds everybody up. */
const maxDevices = 128

const networks = (since: Since) =>
  Type.Unsafe<Static<ReturnType<typeof nic>>[] | 'none' | 'auto'>(
    since('2.37')
      ? {
          oneOf: [
            { type: 'array', items: nic(since), maxItems: maxDevices },
            { type: 'string', enum: ['none', 'auto'] },
          ],
        }
      : Type.Array(nic(since), { maxItems: maxDevices }),
  )

const legacyDevice = {
  virtual_name: Type.String({ maxLength: 255 }),
  volume_id: uuid,
  snapshot_id: uuid,
  volume_size: volumeSize,
  device_name: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._\\-r/]*$' }),
  delete_on_termination: boolean,
  no_device: Type.Unknown(),
  connection_info: Type.String({ maxLength: 16_777_215 }),
}

const device = (since: Since, isOnly232: boolean) =>
  open({
    ...legacyDevice,
    source_type: Type.Unsafe<'volume' | 'image' | 'snapshot' | 'blank'>({ type: 'string', enum: ['volume', 'image', 'snapshot', 'blank'] }),
    uuid: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-]*$' }),
    image_id: uuid,
    destination_type: Type.Unsafe<'local' | 'volume'>({ type: 'string', enum: ['local', 'volume'] }),
    guest_format: Type.String({ maxLength: 255 }),
    device_type: Type.String({ maxLength: 255 }),
    disk_bus: Type.String({ maxLength: 255 }),
    boot_index: Type.Unsafe<string | number | null>({ type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$' }),
    ...(isOnly232 || since('2.42') ? { tag } : {}),
    ...(since('2.67') ? { volume_type: Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 }) } : {}),
  })

const oneOrMany = Type.Unsafe<string | string[]>({
  oneOf: [
    { type: 'string', format: 'uuid' },
    { type: 'array', items: { type: 'string', format: 'uuid' } },
  ],
})
const hints = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  properties: {
    group: uuid,
    different_host: oneOrMany,
    same_host: { type: ['string', 'array'], items: uuid },
    query: { type: ['string', 'object'] },
    target_cell: name,
    different_cell: { type: ['string', 'array'], items: { type: 'string' } },
    build_near_host_ip: ipAddress,
    cidr: { type: 'string', pattern: '^/[0-9a-f.:]+$' },
  },
  additionalProperties: true,
})

/** The microversions at which the body of POST /servers changed. */
export const createVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.31'],
  ['2.32', '2.32'],
  ['2.33', '2.36'],
  ['2.37', '2.41'],
  ['2.42', '2.51'],
  ['2.52', '2.56'],
  ['2.57', '2.62'],
  ['2.63', '2.66'],
  ['2.67', '2.73'],
  ['2.74', '2.89'],
  ['2.90', '2.93'],
  ['2.94', null],
]

export type CreateBody = Static<ReturnType<typeof createSchema>>

export function createSchema(since: Since, isOnly232: boolean) {
  const server = {
    name,
    imageRef: Type.Unsafe<string>({
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'string', maxLength: 0 },
      ],
    }),
    flavorRef,
    adminPass,
    metadata,
    networks: networks(since),
    'OS-DCF:diskConfig': diskConfig,
    accessIPv4: Type.String({ format: 'ipv4' }),
    accessIPv6: Type.String({ format: 'ipv6' }),
    ...(since('2.57') ? {} : { personality }),
    availability_zone: name,
    block_device_mapping: Type.Array(open(legacyDevice), { maxItems: maxDevices }),
    block_device_mapping_v2: Type.Array(device(since, isOnly232), { maxItems: maxDevices }),
    config_drive: boolean,
    key_name: name,
    min_count: positiveInteger,
    max_count: positiveInteger,
    return_reservation_id: boolean,
    security_groups: Type.Array(open({ name }), { maxItems: maxDevices }),
    user_data: base64,
    ...(since('2.19') ? { description } : {}),
    ...(since('2.52') ? { tags: Type.Array(tag, { maxItems: maxTags }) } : {}),
    ...(since('2.63') ? { trusted_image_certificates: trustedCertificates } : {}),
    ...(since('2.74') ? { host: hostName, hypervisor_hostname: hostName } : {}),
    ...hostnameSince(since),
  }
  const needed: ('name' | 'flavorRef')[] = ['name', 'flavorRef']
  const required = since('2.37') ? [...needed, 'networks' as never] : needed
  return open({ server: open(server, required), 'os:scheduler_hints': hints, 'OS-SCH-HNT:scheduler_hints': hints }, ['server'])
}

export const updateVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.89'],
  ['2.90', '2.93'],
  ['2.94', '2.103'],
  ['2.104', null],
]

export type UpdateBody = Static<ReturnType<typeof updateSchema>>

export const updateSchema = (since: Since) =>
  open(
    {
      server: open({
        name,
        'OS-DCF:diskConfig': diskConfig,
        accessIPv4: Type.String({ format: 'ipv4' }),
        accessIPv6: Type.String({ format: 'ipv6' }),
        ...(since('2.19') ? { description } : {}),
        ...hostnameSince(since),
        ...(since('2.104') ? { pinned_availability_zone: nameOrNone } : {}),
      }),
    },
    ['server'],
  )

export const rebuildVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.53'],
  ['2.54', '2.56'],
  ['2.57', '2.62'],
  ['2.63', '2.89'],
  ['2.90', '2.93'],
  ['2.94', null],
]

export type RebuildBody = Static<ReturnType<typeof rebuildSchema>>

export const rebuildSchema = (since: Since) =>
  open(
    {
      name,
      imageRef: uuid,
      adminPass,
      metadata,
      preserve_ephemeral: boolean,
      'OS-DCF:diskConfig': diskConfig,
      accessIPv4: Type.String({ format: 'ipv4' }),
      accessIPv6: Type.String({ format: 'ipv6' }),
      ...(since('2.57')
        ? { user_data: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', format: 'base64', maxLength: 65_535 }, { type: 'null' }] }) }
        : {}),
      ...(since('2.57') ? {} : { personality }),
      ...(since('2.19') ? { description } : {}),
      ...(since('2.54')
        ? { key_name: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', minLength: 1, maxLength: 255 }, { type: 'null' }] }) }
        : {}),
      ...(since('2.63') ? { trusted_image_certificates: trustedCertificates } : {}),
      ...hostnameSince(since),
    },
    ['imageRef'],
  )
