// What tenants do with volumes and their snapshots.
import { deleteAny, type Operation } from './operation.ts'
import { chance, pick, whole } from './random.ts'

const cinder = '/volume/v3'
const fates: Record<string, string>[] = [
  { 'fake:create': 'slow:1000-60000' },
  { 'fake:create': 'fail:no luck' },
  { 'fake:create': 'no-space' },
  { 'fake:create': 'lost' },
  { 'fake:remove': 'fail-times:3' },
  { 'fake:connect': 'fail-once' },
  { 'fake:disconnect': 'fail-times:2' },
  { 'fake:extend': 'fail:no' },
  { 'fake:snapshot': 'fail-once' },
  { 'fake:read': 'fail-once' },
]

const create: Operation = async ({ client, ledger, random, tenant, name, base, fates: { share } }) => {
  const snapshot = chance(random, 0.15) ? ledger.any(random, tenant, 'snapshot') : undefined
  const volume = chance(random, 0.15) ? ledger.any(random, tenant, 'volume') : undefined
  const source = snapshot
    ? { snapshot_id: snapshot.id }
    : volume
      ? { source_volid: volume.id }
      : chance(random, 0.2)
        ? { imageRef: base.imageId }
        : {}
  const answer = await client.call('POST', `${cinder}/volumes`, {
    volume: { name, size: 1 + whole(random, 3), ...source, ...(chance(random, share) ? { metadata: pick(random, fates) } : {}) },
  })
  if (answer.status === 202) ledger.add({ kind: 'volume', id: answer.body.volume.id, tenant, name })
}

const rename: Operation = async ({ client, ledger, random, tenant, name }) => {
  const volume = ledger.any(random, tenant, 'volume')
  if (!volume) return
  await ledger.rename(volume, name, () => client.call('PUT', `${cinder}/volumes/${volume.id}`, { volume: { name } }))
}

const act =
  (action: (name: string, random: () => number) => Record<string, unknown>): Operation =>
  async ({ client, ledger, random, tenant, name }) => {
    const volume = ledger.any(random, tenant, 'volume')
    if (!volume) return
    const answer = await client.call('POST', `${cinder}/volumes/${volume.id}/action`, action(name, random))
    const uploaded = answer.body?.['os-volume_upload_image']
    if (answer.status === 202 && uploaded) ledger.add({ kind: 'image', id: uploaded.image_id, tenant, name }, 'asked')
  }

const snapshot: Operation = async ({ client, ledger, random, tenant, name }) => {
  const volume = ledger.any(random, tenant, 'volume')
  if (!volume) return
  const answer = await client.call('POST', `${cinder}/snapshots`, { snapshot: { name, volume_id: volume.id, force: true } })
  if (answer.status === 202) ledger.add({ kind: 'snapshot', id: answer.body.snapshot.id, tenant, name })
}

const revert: Operation = async ({ client, ledger, random, tenant }) => {
  const chosen = ledger.any(random, tenant, 'snapshot')
  if (!chosen) return
  const shown = await client.call('GET', `${cinder}/snapshots/${chosen.id}`)
  const volumeId = shown.body?.snapshot?.volume_id
  if (volumeId) await client.call('POST', `${cinder}/volumes/${volumeId}/action`, { revert: { snapshot_id: chosen.id } })
}

export const volumes = {
  'create volume': create,
  'delete volume': (asking) => deleteAny(asking, 'volume', `${cinder}/volumes`),
  'rename volume': rename,
  'extend volume': act((_name, random) => ({ 'os-extend': { new_size: 3 + whole(random, 4) } })),
  'upload volume': act((name) => ({
    'os-volume_upload_image': { image_name: name, disk_format: 'qcow2', container_format: 'bare', force: true },
  })),
  'create snapshot': snapshot,
  'delete snapshot': (asking) => deleteAny(asking, 'snapshot', `${cinder}/snapshots`),
  'revert volume': revert,
} satisfies Record<string, Operation>
