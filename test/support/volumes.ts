// Block storage as tests of it ask it: by the newest microversion, as a member of p1, and waiting until nothing is under way.
import assert from 'node:assert/strict'
import type { TestCloud } from './cloud.ts'
import { settled } from './saga.ts'
import { defined } from '../../src/platform/defined.ts'

export interface AskOptions {
  as?: string
  body?: unknown
  version?: string
}

export interface VolumeClient {
  ask(method: string, path: string, options?: AskOptions): ReturnType<TestCloud['request']>
  /** makes it, waits, and gives its id */
  volume(volume?: object, options?: Omit<AskOptions, 'body'>): Promise<string>
  snapshot(volumeId: string, more?: object, as?: string): Promise<string>
  /** POST /volumes/ID/action */
  act(id: string, action: object, options?: Omit<AskOptions, 'body'>): ReturnType<TestCloud['request']>
  /** as an admin sees it; undefined when it is gone */
  show(id: string, version?: string): Promise<any>
  type(name: string, more?: object): Promise<string>
  /** sets limits of p1 */
  limits(limits: object, project?: string): Promise<void>
  rest(): Promise<void>
}

/** `cloud` is asked for at each call: tests start it in `before`. */
export function volumeClient(cloud: () => TestCloud): VolumeClient {
  const ask: VolumeClient['ask'] = (method, path, { as = 'member@p1', body, version = '3.71' } = {}) =>
    cloud().request(method, `/volume/v3${path}`, { as, body, headers: { 'openstack-api-version': `volume ${version}` } })
  const rest = () => settled(cloud())
  const made = async (path: string, body: object, options: Omit<AskOptions, 'body'>): Promise<any> => {
    const answer = await ask('POST', path, { ...options, body })
    assert.ok(answer.status < 300, answer.text)
    await rest()
    return Object.values(answer.body)[0]
  }
  return {
    ask,
    rest,
    volume: async (volume = {}, options = {}) => (await made('/volumes', { volume: { size: 1, ...volume } }, options)).id,
    snapshot: async (volumeId, more = {}, as = 'member@p1') =>
      (await made('/snapshots', { snapshot: { volume_id: volumeId, ...more } }, { as })).id,
    act: (id, action, options = {}) => ask('POST', `/volumes/${id}/action`, { ...options, body: action }),
    async show(id, version) {
      return (await ask('GET', `/volumes/${id}`, { as: 'admin@p1', ...defined({ version }) })).body?.volume
    },
    type: async (name, more = {}) => (await made('/types', { volume_type: { name, ...more } }, { as: 'admin@p1' })).id,
    async limits(limits, project = 'p1') {
      const answer = await ask('PUT', `/os-quota-sets/${project}`, { as: 'admin@p1', body: { quota_set: limits } })
      assert.equal(answer.status, 200, answer.text)
    },
  }
}
