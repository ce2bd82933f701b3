import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestCloud } from '../../test/support/cloud.ts'
import { startImage } from './start-image.ts'
import { until } from '../../test/support/until.ts'

test('first use 8: a start does not wait for packages that never come, and its end ends what waits for them', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-image-'))
  const { HOME, PATH } = process.env
  t.after(() => {
    Object.assign(process.env, { HOME, PATH })
    rmSync(scratch, { recursive: true })
  })
  const told = join(scratch, 'pid')
  mkdirSync(join(scratch, 'bin'))
  for (const tool of ['apt-get', 'apt-cache'])
    writeFileSync(join(scratch, 'bin', tool), `#!/bin/sh\necho $$ >${told}.new && mv ${told}.new ${told}\nexec sleep 1000\n`, {
      mode: 0o755,
    })
  Object.assign(process.env, { HOME: scratch, PATH: `${join(scratch, 'bin')}:${PATH}` })
  const cloud = await startTestCloud({ config: { drivers: 'real' } })
  const image = await startImage(cloud)
  assert.equal(image.isDecided, false)
  const pid = await until(() => existsSync(told) && Number(readFileSync(told, 'utf8')))
  await image.stop()
  assert.equal(await image.fault, 'the cloud goes down')
  await until(() => !existsSync(`/proc/${pid}`))
  await cloud.stop()
})
