// Block storage's secrets: connectors, keys of transfers, encryption, values of metadata.
import { settled } from '../../support/saga.ts'
import type { Garden } from './garden.ts'

export async function plantVolume(garden: Garden): Promise<void> {
  const volume = await garden.make('/volume/v3/volumes', 'volume', { size: 1, metadata: { m: garden.plant('volume-metadata') } })
  const held = await garden.make('/volume/v3/volumes', 'volume', { size: 1 })
  await settled(garden.the.cloud)
  await garden.make('/volume/v3/attachments', 'attachment', {
    volume_uuid: held,
    instance_uuid: await garden.the.boot(),
    connector: { initiator: garden.plant('connector'), host: 'host1' },
  })
  const { transfer } = await garden.ask('POST', '/volume/v3/volume-transfers', { transfer: { volume_id: volume, name: 't' } })
  garden.keep(transfer.auth_key)
  const type = await garden.make('/volume/v3/types', 'volume_type', { name: 'sealed' })
  await garden.ask('POST', `/volume/v3/types/${type}/encryption`, {
    encryption: { provider: garden.plant('encryption'), control_location: 'front-end' },
  })
}
