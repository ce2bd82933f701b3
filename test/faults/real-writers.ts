// Writers for a cloud whose power is about to fail, and the ledger of what it has acknowledged to them: networks, volumes
// and images with their data. Everything on the ledger must be there afterwards, whole.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cinder, glance, neutron, settleLimitMs, untilVolume, type RealCloud } from './real-cloud.ts'
import { untilWithin } from '../support/until.ts'

export interface Written {
  path: string
  /** of an image's data, once its upload was acknowledged */
  sha256?: string
}

const imageBytes = 3 * 2 ** 20
const mostOfAKind = 40

/** Writes until told to stop; what breaks off then was not acknowledged. */
export async function writeUntil(stop: AbortSignal, { client }: RealCloud, ledger: Written[]): Promise<void> {
  const networks = async (name: string) => {
    const { network } = await client.must('POST', `${neutron}/networks`, { network: { name } })
    ledger.push({ path: `${neutron}/networks/${network.id}` })
  }
  const images = async (name: string) => {
    const { id } = await client.must('POST', `${glance}/images`, { name, disk_format: 'raw', container_format: 'bare' })
    const entry: Written = { path: `${glance}/images/${id}` }
    ledger.push(entry)
    const bytes = Buffer.alloc(imageBytes, name)
    await client.must('PUT', `${glance}/images/${id}/file`, bytes, { 'content-type': 'application/octet-stream' })
    entry.sha256 = sha256(bytes)
  }
  const rounds = async (kind: string, work: (name: string) => Promise<void>) => {
    for (let n = 1; n <= mostOfAKind && !stop.aborted; n++) await work(`written-${kind}-${n}`)
  }
  const volume = async () => {
    const made = await client.must('POST', `${cinder}/volumes`, { volume: { name: 'written-volume', size: 1 } })
    ledger.push({ path: `${cinder}/volumes/${made.volume.id}` })
  }
  await Promise.all([volume(), rounds('network', networks), rounds('image', images)])
}

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** All of it is there, and becomes whole by work that goes on. */
export async function verify(cloud: RealCloud, ledger: Written[]): Promise<void> {
  for (const { path, sha256: expected } of ledger) {
    if (path.startsWith(cinder)) await untilVolume(cloud, idOf(path), 'available')
    const answer = await cloud.client.call('GET', path)
    assert.equal(answer.status, 200, `${path} was acknowledged: ${JSON.stringify(answer.body)}`)
    if (expected === undefined) continue
    assert.equal(answer.body.status, 'active', path)
    assert.equal(sha256((await cloud.client.call('GET', `${path}/file`)).body as string), expected, `the data of ${path}`)
  }
}

/** Deletes everything that was written, acknowledged or not. */
export async function deleteWritten({ client }: RealCloud): Promise<void> {
  for (const [collection, key] of [
    [`${neutron}/networks`, 'networks'],
    [`${glance}/images`, 'images'],
    [`${cinder}/volumes`, 'volumes'],
  ] as const) {
    const written = async () =>
      ((await client.must('GET', `${collection}?limit=1000`))[key] as { id: string; name: string }[]).filter(({ name }) =>
        name.startsWith('written-'),
      )
    await untilWithin(`the ${key} to be gone`, settleLimitMs, async () => {
      const left = await written()
      for (const { id } of left) {
        const { status } = await client.call('DELETE', `${collection}/${id}`)
        assert.ok(status < 300 || [400, 404, 409].includes(status), `DELETE ${collection}/${id}: ${status}`)
      }
      return left.length === 0 ? true : undefined
    })
  }
}

const idOf = (path: string): string => path.split('/').at(-1) ?? ''
