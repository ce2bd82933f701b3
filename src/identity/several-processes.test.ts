// Two control processes on one store: what one revokes or changes, the other honours at its next request, and both
// read each other's tokens, because the keys are the same.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { forEachDialect, openTestOwn } from '../../test/support/postgres.ts'
import { createCloud, type Cloud } from '../server/cloud.ts'
import { systemClock } from '../platform/clock.ts'
import { defaultConfig } from '../platform/config.ts'
import { systemIds } from '../platform/ids.ts'
import { silentLog } from '../platform/log.ts'
import type { Store } from '../platform/store/store.ts'
import { authenticate, identityBootstrap } from './index.ts'
import { injectInto } from '../../test/support/inject.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'identity-'))
after(() => rmSync(dataDir, { recursive: true, force: true }))
const password = 'a-password-for-tests'

const controlProcess = (store: Store, worker: string): Promise<Cloud> =>
  createCloud({
    config: { ...defaultConfig, dataDir, publicUrl: 'http://127.0.0.1:9000', logLevel: 'error' },
    store,
    openOwn: (name) => openTestOwn(store, name),
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    authenticate,
    worker,
    exclusive: false,
    concurrency: 1,
  })

forEachDialect('what one process revokes or changes holds in the other at once', async (store) => {
  const [one, two] = [await controlProcess(store, 'one'), await controlProcess(store, 'two')]
  const made = await identityBootstrap(one.systemContext(), { adminPassword: password, demoPassword: password, services: [] })
  interface Asked {
    token?: string
    subject?: string
    payload?: object
  }
  const ask = async (cloud: Cloud, method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, { token, subject, payload }: Asked) =>
    injectInto(cloud.app, {
      method,
      url: `/identity/v3${url}`,
      headers: { ...(token ? { 'x-auth-token': token } : {}), ...(subject ? { 'x-subject-token': subject } : {}) },
      ...(payload ? { payload } : {}),
    })
  const login = async (cloud: Cloud, name: string, projectId: string) => {
    const user = { name, domain: { id: 'default' }, password }
    const payload = { auth: { identity: { methods: ['password'], password: { user } }, scope: { project: { id: projectId } } } }
    const answer = await ask(cloud, 'POST', '/auth/tokens', { payload })
    assert.equal(answer.statusCode, 201, answer.payload)
    return String(answer.headers['x-subject-token'])
  }
  const holds = async (cloud: Cloud, token: string) =>
    (await ask(cloud, 'GET', '/auth/tokens', { token, subject: token })).statusCode === 200
  const admin = await login(one, 'admin', made.adminProjectId)
  const [first, second] = [await login(one, 'demo', made.demoProjectId), await login(two, 'demo', made.demoProjectId)]
  for (const cloud of [one, two, one, two]) for (const token of [first, second, admin]) assert.equal(await holds(cloud, token), true)
  assert.equal((await ask(one, 'DELETE', '/auth/tokens', { token: admin, subject: first })).statusCode, 204)
  assert.deepEqual([await holds(two, first), await holds(one, first), await holds(two, second)], [false, false, true])
  const renamed = await ask(one, 'PATCH', `/projects/${made.demoProjectId}`, { token: admin, payload: { project: { name: 'renamed' } } })
  assert.equal(renamed.statusCode, 200, renamed.payload)
  assert.equal((await ask(two, 'GET', '/auth/tokens', { token: second, subject: second })).json().token.project.name, 'renamed')
  const disabled = await ask(two, 'PATCH', `/users/${made.demoUserId}`, { token: admin, payload: { user: { enabled: false } } })
  assert.equal(disabled.statusCode, 200, disabled.payload)
  assert.equal(await holds(one, second), false)
})
