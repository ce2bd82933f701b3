// The steps of fsck on a real machine: it finds nothing on a healthy one; lost data, data of a deleted volume and data that
// nothing explains are named, and only what cannot be anybody's is removed.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../e2e/place.ts'
import { cinder, untilGone, untilVolume, type RealCloud } from './real-cloud.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

const fsck = ({ victim }: RealCloud, ...words: string[]) =>
  run([process.execPath, main, 'fsck', ...words, '--data', victim.dataDir], { timeoutMs: 120_000 })

export async function fsckIsSilent(cloud: RealCloud): Promise<void> {
  const { code, stdout, stderr } = await fsck(cloud)
  assert.equal(stdout, 'Nothing differs.\n', stderr)
  assert.equal(code, 0)
}

async function create(cloud: RealCloud, name: string): Promise<string> {
  const { volume } = await cloud.client.must('POST', `${cinder}/volumes`, { volume: { name, size: 1 } })
  await untilVolume(cloud, volume.id, 'available')
  return volume.id
}

async function remove(cloud: RealCloud, id: string): Promise<void> {
  await cloud.client.must('DELETE', `${cinder}/volumes/${id}`)
  await untilGone(cloud, `${cinder}/volumes/${id}`)
}

export async function fsckMendsVolumes(cloud: RealCloud): Promise<void> {
  const data = (id: string) => join(cloud.victim.dataDir, 'hypervisor', 'volumes', id)
  const kept = join(cloud.victim.dataDir, 'kept')
  const [lost, deleted, stray] = [await create(cloud, 'lost'), await create(cloud, 'deleted'), randomUUID()]
  cpSync(data(deleted), kept, { recursive: true })
  cpSync(data(deleted), data(stray), { recursive: true })
  await remove(cloud, deleted)
  renameSync(kept, data(deleted))
  rmSync(data(lost), { recursive: true })

  const found = await fsck(cloud)
  assert.equal(found.code, 1, found.stderr)
  assert.match(found.stdout, new RegExp(`volume ${lost} on \\S+ \\(volume-data\\)\n +is: +\\S+ does not hold its data`))
  assert.match(found.stdout, new RegExp(`volume ${deleted} on \\S+ \\(volume-data\\)\n +is: .*: its volume is deleted`))
  assert.match(found.stdout, new RegExp(`volume ${stray} on \\S+ \\(volume-data\\)\n +is: .*nothing proves that it was deleted`))
  assert.ok(existsSync(data(deleted)), 'without --repair nothing is changed')

  const repaired = await fsck(cloud, '--repair')
  assert.equal(repaired.code, 1, 'what nothing explains is left to a person')
  assert.ok(!existsSync(data(deleted)), repaired.stdout)
  assert.ok(existsSync(data(stray)), repaired.stdout)
  const { volume } = await cloud.client.must('GET', `${cinder}/volumes/${lost}`)
  assert.equal(volume.status, 'error')
  rmSync(data(stray), { recursive: true })
  await remove(cloud, lost)
  await fsckIsSilent(cloud)
}
