// Fake volumes: the conformance suite and the fates.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openFakeLab, stallingSourceOf } from '../../../test/support/fake-lab.ts'
import { defaultSilenceMs } from '../../platform/silence.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'
import { volumesConformance } from './conformance.ts'

volumesConformance('fake', async () => {
  const source = stallingSourceOf('image-1', tinyQcow2(64 * 2 ** 20))
  const lab = openFakeLab(() => source)
  return {
    get volumes() {
      return lab.host.volumes
    },
    imageId: lab.imageId,
    asked: () => source.asked,
    silence: () => lab.clock.advance(defaultSilenceMs),
    restart: lab.restart,
    plant: async (reference) => void lab.host.world.journal.put(`pool/${reference}`, { sizeGib: 2, snapshots: [] }),
    keepsBytes: false,
    write: async () => undefined,
    read: async () => '',
    close: () => lab.host.close(),
  }
})

describe('fates of fake volumes', () => {
  const create = { volumeId: 'volume-1', sizeGib: 1, source: { kind: 'blank' as const } }

  test('create=fail-once fails once', async () => {
    const { host } = openFakeLab()
    await assert.rejects(host.volumes.create({ ...create, fate: { create: 'fail-once:no' } }, { fence: 1, requestId: 'r' }), {
      code: 'failed',
      message: 'no',
    })
    await host.volumes.create({ ...create, fate: { create: 'fail-once:no' } }, { fence: 2, requestId: 'r' })
    assert.equal((await host.volumes.list()).length, 1)
  })

  test('a fate given at creation holds for later operations', async () => {
    const { host } = openFakeLab()
    await host.volumes.create({ ...create, fate: { extend: 'no-space' } }, { fence: 1, requestId: 'r' })
    await assert.rejects(host.volumes.extend('volume-1', 2, { fence: 2, requestId: 'r' }), { code: 'no_space' })
    assert.equal((await host.volumes.list())[0]?.sizeGib, 1)
  })
})
