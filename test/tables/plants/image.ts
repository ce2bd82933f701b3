// Images' secrets: values of properties, and URLs that open something to whoever has them: with credentials, or signed.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultFetchRules } from '../../../src/platform/guarded-fetch/rules.ts'
import { settled } from '../../support/saga.ts'
import type { Garden } from './garden.ts'

const draft = { name: 'with', disk_format: 'raw', container_format: 'bare' }

export async function plantImage(garden: Garden): Promise<void> {
  await garden.ask('POST', '/image/v2/images', { ...draft, secret_property: garden.plant('image-property') })
  const server = createServer((request, answer) => {
    const target = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (target.pathname !== '/onwards') return void answer.writeHead(404).end()
    answer.writeHead(302, { location: `http://bearer:${garden.plant('redirected-url')}@127.0.0.1/` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { config } = garden.the.cloud.platform
  Object.assign(config, { imageLocations: true, fetchRules: { ...defaultFetchRules, ports: [port] } })
  try {
    await plantUrls(garden, port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

async function plantUrls(garden: Garden, port: number): Promise<void> {
  const made = async () => {
    const { id } = await garden.ask('POST', '/image/v2/images', draft)
    garden.ids.push(id)
    return id as string
  }
  const send = (id: string, url: string, body: object) => garden.request('POST', `/image/v2/images/${id}/${url}`, { as: 'admin@p1', body })
  const withCredentials = () => `http://bearer:${garden.plant('url-password')}@127.0.0.1:${port}/`
  const signed = (path: string) => `http://127.0.0.1:${port}/${path}?signature=${garden.plant('url-signature')}`
  const imports = (uri: string) => ({ method: { name: 'web-download', uri } })
  const id = await made()
  for (const [url, body] of [
    ['locations', { url: withCredentials() }],
    ['import', imports(withCredentials())],
    ['locations', { url: `http://127.0.0.1:1/?signature=${garden.plant('refused-signature')}` }],
  ] as const)
    assert.equal((await send(id, url, body)).status, 400)
  const task = { type: 'import', input: { import_from: withCredentials(), import_from_format: 'raw', image_properties: {} } }
  assert.equal((await garden.request('POST', '/image/v2/tasks', { as: 'admin@p1', body: task })).status, 400)
  for (const path of ['nothing', 'onwards']) {
    assert.equal((await send(await made(), 'locations', { url: signed(path) })).status, 202)
    assert.equal((await send(await made(), 'import', imports(signed(path)))).status, 202)
  }
  await settled(garden.the.cloud)
}
