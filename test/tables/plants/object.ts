// Object storage's secrets: the keys that temporary URLs and forms are signed with, what users keep and write beside it.
import assert from 'node:assert/strict'
import type { Garden } from './garden.ts'

export async function plantObject(garden: Garden): Promise<void> {
  const account = '/object/v1/AUTH_p1'
  const send = async (method: string, url: string, headers: Record<string, string>, body?: string) => {
    const answer = await garden.the.cloud.request(method, url, { as: 'admin@p1', headers, ...(body === undefined ? {} : { body }) })
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
  }
  await send('POST', account, { 'x-account-meta-temp-url-key': garden.plant('account-key') })
  await send('PUT', `${account}/box`, { 'x-container-meta-temp-url-key': garden.plant('container-key') })
  await send('POST', `${account}/box`, {
    'x-container-meta-temp-url-key-2': garden.plant('second-key'),
    'x-container-sync-key': garden.plant('sync-key'),
  })
  await send(
    'PUT',
    `${account}/box/kept`,
    { 'content-type': 'text/plain', 'x-object-meta-a': garden.plant('metadata') },
    garden.plant('body'),
  )
  await send('COPY', `${account}/box/kept`, { destination: 'box/copy' })
  await send('DELETE', `${account}/box/copy`, {})
  const key = garden.plant('signature')
  const refused = await garden.the.cloud.request('GET', `${account}/box/kept?temp_url_sig=${key}&temp_url_expires=9999999999`)
  assert.equal(refused.status, 401)
  garden.ids.push(...['p1/box/kept', 'p1/box', 'p1/box/copy'].map(encodeURIComponent))
}
