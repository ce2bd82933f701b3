// A test cloud in which servers can be made: a fake host, an image with bytes, a network, two flavors, no quota.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeHost, type FakeHost } from '../../src/host/index.ts'
import { imageSource } from '../../src/image/index.ts'
import type { Authenticate } from '../../src/platform/api/dispatch.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Platform } from '../../src/platform/context.ts'
import { defined } from '../../src/platform/defined.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { quotaSet } from '../../src/platform/quota.ts'
import { startTestCloud, type TestCloud } from './cloud.ts'
import { until } from './until.ts'

export interface ServerCloud {
  cloud: TestCloud
  /** the first, or only one */
  host: FakeHost
  hosts: FakeHost[]
  imageId: string
  flavorId: string
  bigFlavorId: string
  networkId: string
  /** a request as member@p1 unless told otherwise; fails on a status other than the one expected */
  api(method: string, url: string, options?: { body?: unknown; as?: string; version?: string; status?: number }): Promise<any>
  /** the body of POST /servers with what everything needs */
  server(more?: Record<string, unknown>): Record<string, unknown>
  /** makes a server and waits for it */
  boot(more?: Record<string, unknown>): Promise<string>
  act(id: string, action: Record<string, unknown>, options?: { as?: string; version?: string; status?: number }): Promise<any>
  show(id: string, version?: string): Promise<any>
  /** waits until the server has this status and nothing is under way */
  until(id: string, status: string): Promise<any>
  /** deletes and waits until it is gone */
  drop(id: string): Promise<void>
  stop(): Promise<void>
}

const member = 'member@p1'
const admin = 'admin@p1'

export async function startServerCloud(
  options: { image?: Record<string, string>; hosts?: number; authenticate?: Authenticate } = {},
): Promise<ServerCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'server-cloud-'))
  let platform: Platform | undefined
  const images: ReturnType<typeof imageSource> = { open: (id) => imageSource(platform as Platform).open(id) }
  const make = (_: unknown, index: number) =>
    createFakeHost({ name: `host${index + 1}`, clock: systemClock, ids: systemIds, log: silentLog, images })
  const hosts = await Promise.all(Array.from({ length: options.hosts ?? 1 }, make))
  const [host] = hosts
  assert.ok(host)
  const cloud = await startTestCloud({
    hosts,
    config: { dataDir },
    ...(options.authenticate ? { authenticate: options.authenticate } : {}),
  })
  platform = cloud.platform
  const ctx = cloud.systemContext()
  for (const project of ['p1', 'p2']) {
    await quotaSet(ctx, 'compute', project, { instances: -1, cores: -1, ram: -1 })
    await quotaSet(ctx, 'volume', project, { volumes: -1, gigabytes: -1, snapshots: -1 })
    await quotaSet(ctx, 'network', project, { port: -1 })
  }
  const api: ServerCloud['api'] = async (method, url, { body, as = member, version, status } = {}) => {
    const answer = await cloud.request(method, url, {
      as,
      ...defined({ body }),
      ...(version === undefined ? {} : { headers: { 'openstack-api-version': `compute ${version}` } }),
    })
    if (status !== undefined) assert.equal(answer.status, status, `${method} ${url}: ${answer.text}`)
    else assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const flavor = async (name: string, ram: number, vcpus: number) =>
    (await api('POST', '/compute/v2.1/flavors', { as: admin, body: { flavor: { name, ram, vcpus, disk: vcpus } } })).flavor.id as string
  const image = await api('POST', '/image/v2/images', {
    as: admin,
    body: { name: 'image', disk_format: 'raw', container_format: 'bare', visibility: 'public', ...options.image },
  })
  const uploaded = await cloud.request('PUT', `/image/v2/images/${image.id}/file`, {
    as: admin,
    body: Buffer.alloc(4096),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(uploaded.status, 204)
  const { network } = await api('POST', '/network/v2.0/networks', { body: { network: { name: 'net' } } })
  await api('POST', '/network/v2.0/subnets', { body: { subnet: { network_id: network.id, cidr: '10.7.0.0/16', ip_version: 4 } } })
  const [flavorId, bigFlavorId] = [await flavor('small', 64, 1), await flavor('big', 128, 2)]

  const self: ServerCloud = {
    cloud,
    host,
    hosts,
    imageId: image.id,
    flavorId,
    bigFlavorId,
    networkId: network.id,
    api,
    server: (more = {}) => ({
      server: { name: 'server', imageRef: image.id, flavorRef: flavorId, networks: [{ uuid: network.id }], ...more },
    }),
    async boot(more) {
      const { server } = await api('POST', '/compute/v2.1/servers', { body: self.server(more) })
      await self.until(server.id, 'ACTIVE')
      return server.id
    },
    act: (id, action, { as, version, status } = {}) =>
      api('POST', `/compute/v2.1/servers/${id}/action`, {
        body: action,
        ...(as ? { as } : {}),
        ...(version ? { version } : {}),
        ...(status ? { status } : {}),
      }),
    show: async (id, version = '2.96') => (await api('GET', `/compute/v2.1/servers/${id}`, { as: admin, version })).server,
    async until(id, status) {
      return until(async () => {
        const server = await self.show(id)
        const isThere = server.status === status && server['OS-EXT-STS:task_state'] === null
        assert.ok(isThere || server.status !== 'ERROR' || status === 'ERROR', `the server is in ERROR: ${JSON.stringify(server.fault)}`)
        return isThere && server
      })
    },
    async drop(id) {
      const answer = await cloud.request('DELETE', `/compute/v2.1/servers/${id}`, { as: admin })
      assert.ok(answer.status === 204 || answer.status === 404)
      await until(async () => (await cloud.request('GET', `/compute/v2.1/servers/${id}`, { as: admin })).status === 404)
    },
    async stop() {
      await cloud.stop()
      rmSync(dataDir, { recursive: true })
    },
  }
  return self
}
