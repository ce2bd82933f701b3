// What the version documents announce is there, and what is not offered is answered as a Keystone without it would.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { identityDomain } from './domain.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud()))
after(() => cloud.stop())

/** A path with its parameters as `*`. */
const shape = (path: string) => path.replaceAll(/:\w+|\{\w+\}/g, '*')
const declared = new Set(identityDomain.services.flatMap(({ operations }) => operations.map(({ path }) => shape(path))))
const home = async () =>
  (await cloud.request('GET', v3, { headers: { accept: 'application/json-home' } })).body.resources as Record<string, any>

test('clients 16 what the JSON home names is served, and each resource that is served is named, but for what is not offered', async () => {
  const named = Object.values(await home()).map((each) => shape(each.href ?? each['href-template']))
  assert.deepEqual(
    named.filter((path) => !declared.has(path)),
    [],
  )
  const unnamed = [...declared].filter((path) => !named.includes(path) && path !== '^' && path !== '')
  const hidden = /^\/(OS-FEDERATION|OS-SIMPLE-CERT|auth\/tokens\/OS-PKI)\/|security_compliance/
  assert.deepEqual(
    unnamed.filter((path) => !hidden.test(path)),
    stillUnnamed,
  )
})
/** Keystone gives all tags and one of them the same relation, and the template of one. */
const stillUnnamed = ['/projects/*/tags']

test('clients 16 federation is not announced: no relation, no method, empty lists, nothing to be made', async () => {
  assert.equal(
    Object.keys(await home()).some((name) => /FEDERATION|SIMPLE-CERT|PKI/.test(name)),
    false,
  )
  const status = async (method: string, url: string) =>
    (await cloud.request(method, v3 + url, { as: cloud.admin, ...(method === 'GET' ? {} : { body: {} }) })).status
  for (const [plural, id] of [
    ['identity_providers', 'x'],
    ['mappings', 'x'],
    ['service_providers', 'x'],
    ['identity_providers/x/protocols', 'y'],
  ] as const) {
    const list = await cloud.does('GET', `/OS-FEDERATION/${plural}`)
    assert.deepEqual(list[plural.split('/').at(-1) ?? ''], [])
    const one = `/OS-FEDERATION/${plural}/${id}`
    assert.deepEqual(
      [await status('GET', one), await status('PUT', one), await status('PATCH', one), await status('DELETE', one)],
      [404, 403, 404, 404],
    )
  }
  const demo = await cloud.token({ name: 'demo' })
  assert.equal((await cloud.request('GET', `${v3}/OS-FEDERATION/mappings`, { as: demo })).status, 403)
  assert.ok(Array.isArray((await cloud.does('GET', '/OS-FEDERATION/projects')).projects))
  assert.equal((await cloud.request('GET', `${v3}/auth/OS-FEDERATION/saml2`, { as: cloud.admin })).status, 404)
  for (const method of ['mapped', 'external', 'saml2']) {
    assert.equal((await cloud.login({ identity: { methods: [method], [method]: {} } })).status, 401)
  }
})

test('clients 16 what Keystone has withdrawn is gone', async () => {
  for (const url of ['/OS-SIMPLE-CERT/ca', '/OS-SIMPLE-CERT/certificates', '/auth/tokens/OS-PKI/revoked']) {
    assert.equal((await cloud.request('GET', v3 + url)).status, 410)
  }
})
