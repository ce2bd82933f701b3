// Bodies for the cross-project matrix: for each field of an operation's schema that holds an id, a body that is otherwise what
// its sender may send, with a given id in that field.
import type { Commons, Kind } from './estate.ts'
import { fieldKinds, pathKinds } from './id-fields.ts'
import type { OperationRow } from './operations.ts'

type Schema = Record<string, any>
type Path = string[]

/** One field of one body that holds an id of a kind. */
export interface IdField {
  /** '.server.block_device_mapping_v2[].uuid' */
  where: string
  path: Path
  kind: Kind
}

/** every field of the schema: 'server', 'networks', '[]', 'uuid' */
export function leaves(schema: Schema, path: Path = []): Path[] {
  const below = ['anyOf', 'oneOf', 'allOf'].flatMap((word) => ((schema[word] ?? []) as Schema[]).flatMap((part) => leaves(part, path)))
  const own = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).flatMap(([name, part]) =>
    leaves(part, [...path, name]),
  )
  const items = schema['items'] ? leaves(schema['items'] as Schema, [...path, '[]']) : []
  const found = [...below, ...own, ...items]
  return found.length === 0 || [schema['type']].flat().includes('string') ? [...found, path] : found
}

export const lastName = (path: Path): string => path.findLast((part) => part !== '[]') ?? ''
const container = (path: Path): string => path.filter((part) => part !== '[]').at(-2) ?? ''

/** what stands in for an id where the schema says nothing of what is inside */
const commonNetwork = '$external'
const wraps: Record<string, { kind: Kind; wrap(id: string): unknown }[]> = {
  security_groups: [{ kind: 'securityGroup', wrap: (id) => [id] }],
  fixed_ips: [{ kind: 'subnet', wrap: (id) => [{ subnet_id: id }] }],
  external_gateway_info: [
    { kind: 'network', wrap: (id) => ({ network_id: id }) },
    { kind: 'subnet', wrap: (id) => ({ network_id: commonNetwork, external_fixed_ips: [{ subnet_id: id }] }) },
  ],
}

export function idFields({ operation }: OperationRow): IdField[] {
  if (!operation.body || operation.stream) return []
  const schema = operation.body as Schema
  const rooted = operation.action === undefined ? schema : { properties: { [operation.action]: schema } }
  const seen = new Set<string>()
  return leaves(rooted).flatMap((path) => {
    const key = `${container(path)}.${lastName(path)}`
    const where = path.join('.').replaceAll('.[]', '[]')
    // the name of what is made, and numbers
    if (seen.has(where) || where === 'security_groups[].name' || where.startsWith('quota_')) return []
    seen.add(where)
    const kinds = wraps[lastName(path)]?.map(({ kind }) => kind) ?? [fieldKinds[key] ?? fieldKinds[lastName(path)] ?? []].flat()
    return kinds.map((kind) => ({ where, path, kind }))
  })
}

/** Query words that hold an id; `collection` is what a list lists: its `marker` and `id` are of that. */
export function queryFields({ service, operation }: OperationRow, collection: string): { name: string; kind: Kind }[] {
  if (operation.method !== 'GET') return []
  const words = Object.keys(((operation.query as Schema | undefined)?.['properties'] ?? {}) as object)
  const own = pathKinds[service.type]?.[collection]
  const known =
    service.type === 'network'
      ? [...words, 'id', 'network_id', 'port_id', 'device_id', 'security_group_id', 'router_id', 'marker']
      : [...words, 'marker']
  return [...new Set(known)].flatMap((name) => {
    const kind =
      name === 'marker' || name === 'id' || name === 'uuid'
        ? own
        : name === 'device_id'
          ? ('server' as const)
          : [fieldKinds[name] ?? []].flat()[0]
    return kind === undefined ? [] : [{ name, kind }]
  })
}

export interface Sender {
  ids: Record<Kind, string>
  commons: Commons & { imageId: string; flavorId: string }
  /** a number that no other body has */
  serial: number
}

const objectTypes: Partial<Record<Kind, string>> = {
  network: 'network',
  securityGroup: 'security_group',
  subnetpool: 'subnetpool',
  addressScope: 'address_scope',
  addressGroup: 'address_group',
}

/** The operation's body with `id` in the field. */
export function bodyWith({ operation }: OperationRow, field: Pick<IdField, 'path' | 'kind'>, id: string, sender: Sender): unknown {
  const schema = operation.body as Schema
  const rooted =
    operation.action === undefined ? schema : { type: 'object', properties: { [operation.action]: schema }, required: [operation.action] }
  const body = build(rooted, [], { field, id, sender })
  return JSON.parse(JSON.stringify(body).replaceAll(commonNetwork, sender.commons.externalNetworkId))
}

/** A body that fits, with its sender's own ids. */
export const plainBody = (row: OperationRow, sender: Sender): unknown =>
  row.operation.body && !row.operation.stream ? bodyWith(row, { path: ['$nowhere'], kind: 'server' }, '', sender) : undefined

interface Wish {
  field: Pick<IdField, 'path' | 'kind'>
  id: string
  sender: Sender
}

const leadsTo = (at: Path, target: Path): boolean => at.every((part, index) => target[index] === part)

function build(schema: Schema, at: Path, wish: Wish): unknown {
  const { field, id, sender } = wish
  if (at.length === field.path.length && leadsTo(at, field.path)) {
    const wrapped = wraps[lastName(at)]?.find(({ kind }) => kind === field.kind)
    if (wrapped) return wrapped.wrap(id)
    if (!schema['items'] && !schema['properties']) return id
  }
  const alternatives = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as Schema[] | undefined
  if (alternatives && !schema['properties']) {
    const towards = leadsTo(at, field.path)
      ? alternatives.find((part) => leaves(part, at).some((path) => path.join() === field.path.join()))
      : undefined
    return build(towards ?? alternatives.find((part) => part['type'] !== 'null') ?? {}, at, wish)
  }
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  const type = [schema['type']].flat()[0] ?? (schema['properties'] ? 'object' : undefined)
  if (type === 'object') return object(schema, at, wish)
  if (type === 'array') {
    const isOnWay = leadsTo(at, field.path) && field.path.length > at.length
    const item = isOnWay || (schema['minItems'] ?? 0) > 0 ? [build((schema['items'] ?? {}) as Schema, [...at, '[]'], wish)] : []
    return lastName(at) === 'block_device_mapping_v2' && isOnWay
      ? [{ source_type: 'image', destination_type: 'local', boot_index: 0, uuid: sender.commons.imageId }, ...item]
      : item
  }
  if (type === 'integer' || type === 'number') return Math.max(schema['minimum'] ?? 1, 1)
  if (type === 'boolean') return true
  if (type === 'null') return null
  return text(schema, at, sender)
}

function object(schema: Schema, at: Path, wish: Wish): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  const next = leadsTo(at, wish.field.path) ? wish.field.path[at.length] : undefined
  const extras = usual(lastName(at), at, wish)
  const made: Record<string, unknown> = {}
  for (const name of new Set([...((schema['required'] ?? []) as string[]), ...(next === undefined ? [] : [next])])) {
    if (properties[name]) made[name] = build(properties[name], [...at, name], wish)
  }
  for (const [name, value] of Object.entries(extras)) if (name !== next && name in properties) made[name] = value
  for (const [name, value] of Object.entries(made)) if (value === undefined) delete made[name]
  return made
}

/** What an object of this name is made of by somebody who means it. */
function usual(name: string, at: Path, { field, sender }: Wish): Record<string, unknown> {
  const { ids, commons, serial } = sender
  const last = lastName(field.path)
  // many at once are made of the same
  const single: Record<string, string> = {
    networks: 'network',
    subnets: 'subnet',
    floatingips: 'floatingip',
    ports: 'port',
    security_group_rules: 'security_group_rule',
    subnetpools: 'subnetpool',
    rbac_policies: 'rbac_policy',
  }
  const common: Record<string, Record<string, unknown>> = {
    server:
      at.length > 1
        ? {}
        : {
            name: 'x',
            flavorRef: commons.flavorId,
            imageRef: commons.imageId,
            networks: field.path.includes('networks') ? undefined : [{ uuid: ids.network }],
          },
    subnet: {
      network_id: ids.network,
      ip_version: 4,
      ...(last === 'subnetpool_id' ? { cidr: undefined } : { cidr: `10.${60 + (serial % 120)}.${serial >> 7}.0/24` }),
      name: 'x',
    },
    floatingip: { floating_network_id: commons.externalNetworkId },
    port: { network_id: ids.network },
    volume: { size: last === 'source_volid' ? undefined : 1, volume_type: last === 'group_id' ? ids.volumeType : undefined },
    subnetpool: { name: 'x', prefixes: [`10.200.${serial % 250}.0/24`], default_prefixlen: 26 },
    security_group_rule: {
      direction: 'ingress',
      security_group_id: ids.securityGroup,
      protocol: 'tcp',
      port_range_min: 1 + serial,
      port_range_max: 1 + serial,
    },
    group: { group_type: ids.groupType, volume_types: [ids.volumeType], name: 'x' },
    rbac_policy: { object_type: objectTypes[field.kind] ?? 'network', action: 'access_as_shared', target_tenant: `p${serial}` },
    interfaceAttachment: {},
    block_device_mapping: { device_name: 'vdb', volume_size: 1 },
    block_device_mapping_v2: {
      source_type: last === 'volume_type' ? 'blank' : field.kind,
      destination_type: 'volume',
      boot_index: -1,
      volume_size: field.kind === 'volume' ? undefined : 1,
      delete_on_termination: true,
      uuid: undefined,
    },
  }
  return common[(at[1] === '[]' && single[name]) || name] ?? {}
}

const words: Record<string, unknown> = {
  ip_address: '10.1.1.1',
  cidr: '10.1.2.0/24',
  status: 'available',
  name: 'x',
  type: 'x',
  device: '/dev/vdz',
  disk_format: 'raw',
  connector: {},
  backup_type: 'daily',
}

function text(schema: Schema, at: Path, { ids, commons }: Sender): unknown {
  const name = lastName(at)
  const [kind] = [fieldKinds[`${container(at)}.${name}`] ?? fieldKinds[name] ?? []].flat()
  if (name === 'flavorRef') return commons.flavorId
  if (name === 'imageRef' || (kind === 'image' && name !== 'uuid')) return commons.imageId
  if (name === 'floating_network_id') return commons.externalNetworkId
  if (kind !== undefined) return ids[kind]
  if (name in words) return words[name]
  if (schema['format'] === 'uuid') return ids.server
  return 'x'.padEnd(schema['minLength'] ?? 1, 'x')
}
