// ImageMemberRow → what Glance shows.
import type { ImageMemberRow } from '../store/members.ts'
import { seconds } from './images.ts'

export const memberView = (row: ImageMemberRow) => ({
  member_id: row.member,
  image_id: row.image_id,
  status: row.status,
  created_at: seconds(row.created_at),
  updated_at: seconds(row.updated_at),
  schema: '/v2/schemas/member',
})

export const membersView = (rows: ImageMemberRow[]) => ({ members: rows.map(memberView), schema: '/v2/schemas/members' })
