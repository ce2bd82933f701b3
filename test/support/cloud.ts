// A whole cloud in the test's own process: SQLite in memory or, with TEST_DATABASE=postgres, a database of the test's own
// PostgreSQL; no host but what is given, no socket. Tests call it by `request`.
import { createCloud, type Cloud } from '../../src/server/cloud.ts'
import type { Authenticate } from '../../src/platform/api/dispatch.ts'
import { systemClock, type Clock } from '../../src/platform/clock.ts'
import { defaultConfig, type Config } from '../../src/platform/config.ts'
import type { Actor } from '../../src/platform/context.ts'
import { defined } from '../../src/platform/defined.ts'
import { systemIds, type Ids } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { Store } from '../../src/platform/store/store.ts'
import type { Host } from '../../src/contract/host.ts'
import { HostError } from '../../src/contract/call.ts'
import { fakeBlobs, fakeDisk } from '../../src/object/blobs/backends/fake.ts'
import { ownDriver } from '../../src/object/blobs/drivers.ts'
import { openTestOwn, openTestStore } from './postgres.ts'
import { injectInto } from './inject.ts'

export interface TestCloud extends Cloud {
  request(
    method: string,
    url: string,
    options?: { as?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Record<string, unknown>; body: any; text: string }>
}

export interface TestCloudOptions {
  store?: Store
  /** a domain's own store, by its name; in memory when not given */
  openOwn?: (name: string) => Promise<Store>
  clock?: Clock
  ids?: Ids
  hosts?: Host[]
  config?: Partial<Config>
  authenticate?: Authenticate
}

/** The token 'role[,role]@project' is somebody with these roles in that project, 'role@domain:id' in that domain; the user's id is `user-<project>`. */
export const testAuthenticate: Authenticate = async (token) => {
  const inDomain = /^(\w+)@domain:([\w-]+)$/.exec(token)
  if (inDomain)
    return {
      ...testActor([inDomain[1] ?? ''], `in-${inDomain[2]}`),
      projectId: null,
      projectName: null,
      projectDomainId: null,
      projectDomainName: null,
      domainId: inDomain[2] ?? '',
    }
  const match = /^([\w,]+)@([\w-]+)$/.exec(token)
  if (!match) return null
  const [, roles = '', project = ''] = match
  return testActor(roles.split(','), project)
}

/** An actor as a scoped token would give it; admin implies member implies reader, as Keystone's roles do. */
export function testActor(roles: string[], projectId: string): Actor {
  const implied = roles.includes('admin')
    ? ['admin', 'manager', 'member', 'reader']
    : roles.includes('member')
      ? [...roles, 'reader']
      : roles
  return {
    userId: `user-${projectId}`,
    userName: `user-${projectId}`,
    userDomainId: 'default',
    userDomainName: 'Default',
    projectId,
    projectName: projectId,
    projectDomainId: 'default',
    projectDomainName: 'Default',
    domainId: null,
    systemScope: false,
    roles: [...new Set(implied)],
    methods: ['password'],
    applicationCredentialId: null,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    auditIds: ['test'],
  }
}

/** Starts it; `await cloud.stop()` ends it. */
export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const store = options.store ?? (await openTestStore())
  const config: Config = {
    ...defaultConfig,
    dataDir: '/nonexistent',
    publicUrl: 'http://127.0.0.1:9000',
    logLevel: 'error',
    ...options.config,
  }
  const cloud = await createCloud({
    config,
    store,
    openOwn: options.openOwn ?? ((name) => openTestOwn(store, name)),
    clock: options.clock ?? systemClock,
    ids: options.ids ?? systemIds,
    log: silentLog,
    authenticate: options.authenticate ?? testAuthenticate,
    worker: 'test',
    exclusive: store.dialect === 'sqlite',
    concurrency: 16,
  })
  // without a directory of its own it keeps objects' bytes in memory
  if (options.config?.dataDir === undefined) cloud.platform.caches.set(ownDriver, fakeBlobs({ disk: fakeDisk() }))
  await cloud.start(options.hosts ?? [])
  return {
    ...cloud,
    async request(method, url, { as, body, headers } = {}) {
      const answer = await injectInto(cloud.app, {
        method: method as 'GET',
        url,
        headers: {
          ...defined({ 'x-auth-token': as }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      })
      const isJson = String(answer.headers['content-type'] ?? '').includes('json')
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: isJson && answer.payload !== '' ? JSON.parse(answer.payload) : undefined,
        text: answer.payload,
      }
    },
  }
}

/** So many fake hosts, in memory only. */
export async function fakeHosts(count: number): Promise<Host[]> {
  const { createFakeHost } = await import('../../src/host/index.ts')
  const nothing = async () => {
    throw new HostError('not_found', 'there is no image here')
  }
  const hosts: Host[] = []
  for (let index = 1; index <= count; index++) {
    hosts.push(
      await createFakeHost({ name: `host${index}`, clock: systemClock, ids: systemIds, log: silentLog, images: { open: nothing } }),
    )
  }
  return hosts
}
