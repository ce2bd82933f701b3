// What tenants do with servers.
import { type Operation, deleteAny } from './operation.ts'
import { chance, pick, weighted, whole, type Random } from './random.ts'

const nova = '/compute/v2.1'

/** Fates of guests, as docs/fake-drivers.md names them. */
const fates: Record<string, string>[] = [
  { 'fake:spawn': 'slow:1000-60000' },
  { 'fake:spawn': 'fail-once:no luck' },
  { 'fake:spawn': 'fail:never' },
  { 'fake:spawn': 'lost' },
  { 'fake:spawn': 'crash:5000' },
  { 'fake:power': 'slow:1000-30000' },
  { 'fake:power': 'fail-times:2' },
  { 'fake:power': 'fail:stuck' },
  { 'fake:remove': 'fail-times:3' },
  { 'fake:remove': 'slow:1000-60000' },
  { 'fake:acpi': 'ignored' },
  { 'fake:volume': 'fail-once' },
  { 'fake:volume': 'fail:will not plug' },
  { 'fake:port': 'fail-once' },
  { 'fake:snapshot': 'fail-once' },
]

const create: Operation = async ({ client, ledger, random, tenant, name, base, fates: { share, of } }) => {
  const port = chance(random, 0.1) ? ledger.any(random, tenant, 'port') : undefined
  const fromVolume = chance(random, 0.15)
  const network = { uuid: base.networks[tenant] }
  const server = {
    name,
    flavorRef: pick(random, base.flavors),
    networks: chance(random, 0.05) ? 'none' : [port ? { port: port.id } : network, ...(chance(random, 0.1) ? [network] : [])],
    ...(fromVolume ? { block_device_mapping_v2: [rootDevice(random, base.imageId)] } : { imageRef: base.imageId }),
    ...(chance(random, share)
      ? { metadata: pick(random, of === undefined ? fates : fates.filter((fate) => JSON.stringify(fate).includes(of))) }
      : {}),
    ...(chance(random, 0.05) ? { min_count: 1, max_count: 1 + whole(random, 3) } : {}),
  }
  const answer = await client.call('POST', `${nova}/servers`, { server })
  if (answer.status === 202) ledger.add({ kind: 'server', id: answer.body.server.id, tenant, name: 'max_count' in server ? null : name })
}

/** One of a crowd: nothing about it is special. */
const boot: Operation = async ({ client, ledger, tenant, name, base }) => {
  const server = { name, flavorRef: base.flavors[0], networks: [{ uuid: base.networks[tenant] }], imageRef: base.imageId }
  const answer = await client.call('POST', `${nova}/servers`, { server })
  if (answer.status === 202) ledger.add({ kind: 'server', id: answer.body.server.id, tenant, name })
}

const rootDevice = (random: Random, imageId: string) => ({
  boot_index: 0,
  uuid: imageId,
  source_type: 'image',
  destination_type: 'volume',
  volume_size: 1,
  delete_on_termination: chance(random, 0.5),
})

const act: Operation = async ({ client, ledger, random, tenant, name, base }) => {
  const server = ledger.any(random, tenant, 'server')
  if (!server) return
  const action = weighted<Record<string, unknown>>(random, [
    [3, { 'os-stop': null }],
    [4, { 'os-start': null }],
    [2, { reboot: { type: 'SOFT' } }],
    [3, { reboot: { type: 'HARD' } }],
    [2, { pause: null }],
    [3, { unpause: null }],
    [2, { suspend: null }],
    [3, { resume: null }],
    [5, { resize: { flavorRef: pick(random, base.flavors) } }],
    [3, { confirmResize: null }],
    [3, { revertResize: null }],
    [3, { rebuild: { imageRef: base.imageId } }],
    [2, { rescue: {} }],
    [2, { unrescue: null }],
    [3, { createImage: { name } }],
    [3, { shelve: null }],
    [2, { shelveOffload: null }],
    [4, { unshelve: null }],
    [1, { lock: {} }],
    [2, { unlock: null }],
  ])
  const answer = await client.call('POST', `${nova}/servers/${server.id}/action`, action)
  if ('createImage' in action && answer.status === 202 && answer.body?.image_id)
    ledger.add({ kind: 'image', id: answer.body.image_id, tenant, name }, 'asked')
}

const rename: Operation = async ({ client, ledger, random, tenant, name }) => {
  const server = ledger.any(random, tenant, 'server')
  if (!server) return
  const path = `${nova}/servers/detail?name=${name}`
  await client.call('GET', path)
  if (!(await ledger.rename(server, name, () => client.call('PUT', `${nova}/servers/${server.id}`, { server: { name } })))) return
  const found = await client.call('GET', path)
  // who has written reads what was written, however the list was answered before
  const isThere = found.body?.servers?.some(({ id }: { id: string }) => id === server.id)
  if (found.status === 200 && !isThere && server.name === name && server.deletion === 'none')
    client.violation(`the server ${server.id} was named ${name}, and the list that was asked for next does not have it`)
}

const attachInterface: Operation = async ({ client, ledger, random, tenant, base }) => {
  const server = ledger.any(random, tenant, 'server')
  if (!server) return
  const port = chance(random, 0.5) ? ledger.any(random, tenant, 'port') : undefined
  await client.call('POST', `${nova}/servers/${server.id}/os-interface`, {
    interfaceAttachment: port ? { port_id: port.id } : { net_id: base.networks[tenant] },
  })
}

const detachInterface: Operation = async ({ client, ledger, random, tenant }) => {
  const server = ledger.any(random, tenant, 'server')
  if (!server) return
  const listed = await client.call('GET', `${nova}/servers/${server.id}/os-interface`)
  const attached = (listed.body?.interfaceAttachments ?? []) as { port_id: string }[]
  if (attached.length > 0) await client.call('DELETE', `${nova}/servers/${server.id}/os-interface/${pick(random, attached).port_id}`)
}

const attachVolume: Operation = async ({ client, ledger, random, tenant }) => {
  const [server, volume] = [ledger.any(random, tenant, 'server'), ledger.any(random, tenant, 'volume')]
  if (server && volume)
    await client.call('POST', `${nova}/servers/${server.id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume.id } })
}

const detachVolume: Operation = async ({ client, ledger, random, tenant }) => {
  const server = ledger.any(random, tenant, 'server')
  if (!server) return
  const listed = await client.call('GET', `${nova}/servers/${server.id}/os-volume_attachments`)
  const attached = (listed.body?.volumeAttachments ?? []) as { volumeId: string }[]
  if (attached.length > 0)
    await client.call('DELETE', `${nova}/servers/${server.id}/os-volume_attachments/${pick(random, attached).volumeId}`)
}

export const servers = {
  'create server': create,
  'boot server': boot,
  'delete server': (asking) => deleteAny(asking, 'server', `${nova}/servers`),
  'act on server': act,
  'rename server': rename,
  'attach interface': attachInterface,
  'detach interface': detachInterface,
  'attach volume': attachVolume,
  'detach volume': detachVolume,
} satisfies Record<string, Operation>
