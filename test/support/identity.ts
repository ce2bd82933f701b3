// A test cloud with real logins: Keystone's own tokens instead of 'member@p1'. A clock that a test can move, a data
// directory of its own for the keys, and short ways to make projects, users and tokens.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../../src/contract/host.ts'
import { authenticate, identityBootstrap, type IdentityBootstrapped } from '../../src/identity/index.ts'
import { systemClock, type Clock } from '../../src/platform/clock.ts'
import type { Config } from '../../src/platform/config.ts'
import { startTestCloud, type TestCloud } from './cloud.ts'
import { defined } from '../../src/platform/defined.ts'
import type { Store } from '../../src/platform/store/store.ts'

export interface MovableClock extends Clock {
  advance(ms: number): void
}

/** The machine's time, plus what a test has added. */
export function movableClock(): MovableClock {
  let offsetMs = 0
  return { nowMs: () => systemClock.nowMs() + offsetMs, after: systemClock.after, advance: (ms) => void (offsetMs += ms) }
}

export const password = 'a-password-for-tests'
export const v3 = '/identity/v3'
const services = [
  { type: 'identity', name: 'keystone', at: { path: '/identity/v3' } },
  { type: 'compute', name: 'nova', at: { path: '/compute/v2.1' } },
]

export interface IdentityCloud extends TestCloud {
  made: IdentityBootstrapped
  clock: MovableClock
  /** of admin, scoped to its project */
  admin: string
  /** the whole answer to a login */
  login(auth: object): ReturnType<TestCloud['request']>
  /** a token by password; no scope: none is asked for */
  token(user: { id?: string; name?: string }, scope?: object | string): Promise<string>
  /** as admin; the status must be a success */
  does(method: string, url: string, body?: unknown, as?: string): Promise<any>
  role(name: string): Promise<string>
  /** a user with these roles on a project; both new */
  member(name: string, roles?: string[]): Promise<{ userId: string; projectId: string }>
}

export const byPassword = (user: object, scope?: object | string) => ({
  identity: { methods: ['password'], password: { user: { password, ...user } } },
  ...defined({ scope }),
})
export const byToken = (id: string, scope?: object | string) => ({
  identity: { methods: ['token'], token: { id } },
  ...defined({ scope }),
})
export const inProject = (id: string) => ({ project: { id } })

/** Started with admin and demo, both with `password`; `stop()` removes the keys too. */
export async function startIdentityCloud(
  options: { config?: Partial<Config>; store?: Store; hosts?: Host[] } = {},
): Promise<IdentityCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'identity-'))
  const clock = movableClock()
  const cloud = await startTestCloud({
    authenticate,
    clock,
    config: { dataDir, ...options.config },
    ...(options.store ? { store: options.store } : {}),
    ...(options.hosts ? { hosts: options.hosts } : {}),
  })
  const made = await identityBootstrap(cloud.systemContext(), { adminPassword: password, demoPassword: password, services })
  const login: IdentityCloud['login'] = (auth) => cloud.request('POST', `${v3}/auth/tokens`, { body: { auth } })
  const token: IdentityCloud['token'] = async (user, scope) => {
    const given = user.id === undefined ? { name: user.name, domain: { id: 'default' } } : { id: user.id }
    const answer = await login(byPassword(given, scope))
    assert.equal(answer.status, 201, answer.text)
    return String(answer.headers['x-subject-token'])
  }
  const loggedIn = async () => ({ atMs: clock.nowMs(), token: await token({ name: 'admin' }, inProject(made.adminProjectId)) })
  let admin = await loggedIn()
  const does: IdentityCloud['does'] = async (method, url, body, as) => {
    // a test may have moved the clock past the token's life
    if (clock.nowMs() - admin.atMs > 1_800_000) admin = await loggedIn()
    const answer = await cloud.request(method, v3 + url, { as: as ?? admin.token, ...defined({ body }) })
    assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const role: IdentityCloud['role'] = async (name) => (await does('GET', `/roles?name=${name}`)).roles[0].id
  return {
    ...cloud,
    made,
    clock,
    admin: admin.token,
    login,
    token,
    does,
    role,
    async member(name, roles = ['member']) {
      const projectId: string = (await does('POST', '/projects', { project: { name } })).project.id
      const userId: string = (await does('POST', '/users', { user: { name, password } })).user.id
      for (const each of roles) await does('PUT', `/projects/${projectId}/users/${userId}/roles/${await role(each)}`)
      return { userId, projectId }
    },
    async stop() {
      await cloud.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
