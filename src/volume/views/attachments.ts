// AttachmentRow → what Cinder shows. How the bytes are reached is nobody's business but the machine's (attack 29).
import type { AttachmentRow } from '../attachments.ts'
import { micros } from './texts.ts'

export const attachmentSummaryView = (row: AttachmentRow) => ({
  id: row.id,
  status: row.status,
  instance: row.server_id,
  volume_id: row.volume_id,
})

export const attachmentView = (row: AttachmentRow) => ({
  ...attachmentSummaryView(row),
  attached_at: micros(row.attached_at) ?? '',
  detached_at: micros(row.detached_at) ?? '',
  attach_mode: row.attach_mode ?? 'null',
  connection_info:
    row.connector === null
      ? {}
      : { driver_volume_type: 'file', attachment_id: row.id, volume_id: row.volume_id, data: {}, access_mode: row.attach_mode ?? 'rw' },
})
