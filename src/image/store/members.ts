// SQL of image members: projects that an image is shared with.
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ImageTables } from './tables.ts'

export type MemberStatus = 'pending' | 'accepted' | 'rejected'

export interface ImageMemberRow {
  image_id: string
  /** the project's id */
  member: string
  status: MemberStatus
  created_at: string
  updated_at: string
}

export const memberRows = rows<ImageMemberRow>('image_members', 'member')

export const memberFetch = (db: Db, imageId: string, member: string) => memberRows.first(db, { image_id: imageId, member })

export const membersOfImage = (db: Db, imageId: string) =>
  db
    .as<ImageTables>()
    .selectFrom('image_members')
    .selectAll()
    .where('image_id', '=', imageId)
    .orderBy('created_at')
    .orderBy('member')
    .execute()
