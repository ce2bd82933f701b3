// A member's pages of ports: its own and all on its networks, each once, whatever the size and direction of the pages.
import assert from 'node:assert/strict'
import { startTestCloud } from '../../../test/support/cloud.ts'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { defined } from '../../platform/defined.ts'

forEachDialect('a member’s pages hold its own ports and those on its networks, each once and in order', async (store) => {
  const cloud = await startTestCloud({ store })
  const ask = async (as: string, method: string, path: string, body?: unknown) => {
    const answer = await cloud.request(method, `/network/v2.0${path}`, { as, ...defined({ body }) })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const pages = async (query: string, next: 'first' | 'last') => {
    const got: string[][] = []
    for (let marker = ''; ;) {
      const ids = (await ask('member@red', 'GET', `/ports?limit=3&fields=id${query}${marker}`)).ports.map(({ id }: { id: string }) => id)
      if (ids.length === 0) return got
      got.push(ids)
      marker = `&marker=${next === 'first' ? ids[0] : ids.at(-1)}`
    }
  }
  try {
    const networkOf = async (project: string) =>
      (await ask(`member@${project}`, 'POST', '/networks', { network: { name: 'n' } })).network.id
    const [one, two, other] = [await networkOf('red'), await networkOf('red'), await networkOf('blue')]
    const expected: string[] = []
    for (const [network_id, project_id, times] of [
      [one, 'red', 4],
      [one, 'blue', 5],
      [two, 'blue', 2],
      [other, 'red', 3],
      [other, 'blue', 6],
    ] as const) {
      for (let made = 0; made < times; made++) {
        const { id } = (await ask('admin@ops', 'POST', '/ports', { port: { network_id, project_id } })).port
        if (project_id === 'red' || network_id !== other) expected.push(id)
      }
    }
    const upwards = expected.toSorted()
    assert.deepEqual((await pages('', 'last')).flat(), upwards)
    assert.deepEqual((await pages('&sort_key=id&sort_dir=desc', 'last')).flat(), upwards.toReversed())
    assert.deepEqual((await pages('&page_reverse=true', 'first')).toReversed().flat(), upwards)
    assert.deepEqual((await pages('&sort_key=name', 'last')).flat(), upwards)
    const own = (await ask('member@red', 'GET', '/ports?project_id=red')).ports
    assert.deepEqual([own.length, (await ask('member@red', 'GET', '/ports?project_id=blue')).ports.length], [7, 7])
  } finally {
    await cloud.engine.stop()
    await cloud.app.close()
  }
})
