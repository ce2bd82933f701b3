import assert from 'node:assert/strict'
import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { inProject, startIdentityCloud, v3, type IdentityCloud } from '../../../test/support/identity.ts'
import { keysLoad, keysRotate } from '../backends/key-repository.ts'
import { fernetOpen, fernetSeal } from '../tokens/fernet.ts'
import { systemIds } from '../../platform/ids.ts'
import { tokenKeyRotation } from './token-keys.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud()))
after(() => cloud.stop())

const folder = () => join(cloud.platform.config.dataDir, 'keys', 'token')
const run = () => tokenKeyRotation.run({ ctx: cloud.systemContext(), itemId: 'test', attempt: 1, call: {} as never }, '')
const holds = async (token: string) => (await cloud.request('GET', `${v3}/auth/projects`, { as: token })).status === 200
const login = () => cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
const names = () => readdirSync(folder()).sort()

test('young keys stay, old ones are rotated once, and tokens of both hold', async () => {
  const before = await login()
  await run()
  assert.deepEqual(names(), ['0', '1'])
  const old = (cloud.clock.nowMs() - 31 * 86_400_000) / 1000
  for (const name of names()) utimesSync(join(folder(), name), old, old)
  await run()
  assert.deepEqual(names(), ['0', '1', '2'])
  const between = await login()
  assert.deepEqual([await holds(before), await holds(between)], [true, true])
})

test('a token sealed with a key that another process rotated in is opened', async () => {
  const payload = fernetOpen(await login(), keysLoad(folder(), systemIds).all)
  assert.ok(payload)
  keysRotate(folder(), systemIds)
  const { primary } = keysRotate(folder(), systemIds)
  const foreign = fernetSeal(payload, { key: primary, iv: systemIds.bytes(16), nowMs: cloud.clock.nowMs() })
  assert.equal(await holds(foreign), true)
  const stranger = fernetSeal(payload, { key: systemIds.bytes(32), iv: systemIds.bytes(16), nowMs: cloud.clock.nowMs() })
  assert.equal(await holds(stranger), false)
})
