// clients 5: every operation with a body, as its service takes it without Content-Type, as text/plain, as a form, as JSON
// with parameters, and without any bytes. What the right media type would be answered is the measure: a service that
// takes a body for JSON whatever it is called answers the same.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { credentialsOf } from '../../src/platform/context.ts'
import { startTestCloud, testActor, type TestCloud } from '../support/cloud.ts'
import { absentId, allOperations, fillPath, versionHeaders } from './operations.ts'
import { injectInto } from '../support/inject.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const absent = ''
const odd = ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']

/** service → media type → what becomes of a body of that type: a status, or as JSON */
const rules: Record<string, Record<string, number | 'json'>> = {
  identity: {
    [absent]: 'json',
    'text/plain': 400,
    'application/x-www-form-urlencoded': 400,
    'application/xml': 400,
    'application/json; charset=UTF-8': 'json',
    'application/vnd.x+json': 'json',
  },
  compute: {
    [absent]: 'json',
    'text/plain': 'json',
    'application/x-www-form-urlencoded': 415,
    'application/xml': 415,
    'application/json; charset=UTF-8': 'json',
    'application/vnd.openstack.compute+json': 'json',
  },
  'block-storage': {
    [absent]: 400,
    'text/plain': 415,
    'application/x-www-form-urlencoded': 415,
    'application/xml': 415,
    'application/json; charset=UTF-8': 'json',
    'application/vnd.openstack.volume+json': 'json',
  },
  network: {
    [absent]: 'json',
    'text/plain': 'json',
    'application/x-www-form-urlencoded': 'json',
    'application/xml': 'json',
    'application/json; charset=UTF-8': 'json',
  },
  image: {
    [absent]: 'json',
    'text/plain': 'json',
    'application/x-www-form-urlencoded': 'json',
    'application/xml': 'json',
    'application/json; charset=UTF-8': 'json',
  },
  placement: {
    [absent]: 400,
    'text/plain': 415,
    'application/x-www-form-urlencoded': 415,
    'application/xml': 415,
    'application/json; charset=UTF-8': 'json',
  },
}

for (const row of allOperations()) {
  const { operation, service, path, name } = row
  const rule = rules[service.type]
  if (!operation.body || operation.stream || operation.media || !rule) continue
  test(`clients 5 media types: ${name}`, async () => {
    const mayAsk = (role: string) =>
      operation.policy === null || cloud.platform.policy.maySatisfy(operation.policy, credentialsOf(testActor([role], 'p1')))
    const as = mayAsk('admin') ? 'admin@p1' : 'service@p1'
    const url = fillPath(path, () => absentId)
    // of the wrong shape, so that nothing is made and every answer says what the body was taken for
    const body = JSON.stringify(operation.action === undefined ? [] : { [operation.action]: [] })
    const ask = async (mediaType: string, sent: string) => {
      const headers = { 'x-auth-token': as, ...versionHeaders(row), ...(mediaType === absent ? {} : { 'content-type': mediaType }) }
      const answer = await injectInto(cloud.app, { method: operation.method as 'POST', url, headers, payload: sent })
      return { status: answer.statusCode, text: answer.payload }
    }
    const json = await ask('application/json', body)
    assert.ok(json.status < 500, json.text)
    for (const [mediaType, expected] of Object.entries(rule)) {
      const answer = await ask(mediaType, body)
      // the port of Cinder's that looks at no body finds an empty one, which some operations allow
      if (mediaType === absent && service.type === 'block-storage' && operation.bodyOptional) assert.ok(answer.status < 500)
      else assert.deepEqual([mediaType, answer.status], [mediaType, expected === 'json' ? json.status : expected], answer.text)
    }
    const empty = await cloud.request(operation.method, url, { as, headers: versionHeaders(row) })
    assert.ok(empty.status < 500 && (operation.bodyOptional || empty.status >= 400), empty.text)
    if (service.type !== 'placement') for (const mediaType of odd.slice(0, 1)) assert.ok((await ask(mediaType, '')).status < 500)
  })
}

test('clients 5 a network is made by a body without Content-Type, as Neutron makes it', async () => {
  const made = await injectInto(cloud.app, {
    method: 'POST',
    url: '/network/v2.0/networks',
    headers: { 'x-auth-token': 'member@p1' },
    payload: JSON.stringify({ network: { name: 'n' } }),
  })
  assert.equal(made.statusCode, 201, made.payload)
  const put = await injectInto(cloud.app, {
    method: 'PUT',
    url: `/network/v2.0/networks/${made.json().network.id}`,
    headers: { 'x-auth-token': 'member@p1', 'content-type': 'application/x-www-form-urlencoded' },
    payload: JSON.stringify({ network: { name: 'm' } }),
  })
  assert.deepEqual([put.statusCode, put.json().network.name], [200, 'm'])
})
