// Compute's secrets: passwords, user data, files, values of metadata, private keys.
import assert from 'node:assert/strict'
import { settled } from '../../support/saga.ts'
import { base64, type Garden } from './garden.ts'

export async function plantCompute(garden: Garden): Promise<void> {
  const { the } = garden
  const server = await garden.make('/compute/v2.1/servers', 'server', {
    ...(the.server()['server'] as object),
    adminPass: garden.plant('admin-pass'),
    user_data: base64(garden.plant('user-data')),
    metadata: { m: garden.plant('metadata') },
  })
  await the.until(server, 'ACTIVE')
  const act = async (action: object) => {
    await garden.ask('POST', `/compute/v2.1/servers/${server}/action`, action)
    await settled(the.cloud)
  }
  await act({ changePassword: { adminPass: garden.plant('changed-password') } })
  await act({ rescue: { adminPass: garden.plant('rescue-password') } })
  await act({ unrescue: null })
  await act({
    rebuild: { imageRef: the.imageId, adminPass: garden.plant('rebuild-password'), user_data: base64(garden.plant('rebuild-data')) },
  })
  const old = await the.cloud.request('POST', '/compute/v2.1/servers', {
    as: 'admin@p1',
    body: {
      server: { ...(the.server()['server'] as object), personality: [{ path: '/x', contents: base64(garden.plant('personality')) }] },
    },
  })
  assert.equal(old.status, 202, old.text)
  garden.ids.push(old.body.server.id)
  const { keypair } = (await the.api('POST', '/compute/v2.1/os-keypairs', { body: { keypair: { name: 'made' } } })) as {
    keypair: { private_key: string }
  }
  for (const line of keypair.private_key.split('\n').slice(2, 4)) garden.keep(line)
}
