// SQL of image members: projects that an image is shared with.
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

const q = (db: Db) => db.as<ImageTables>()

export const memberFetch = (db: Db, imageId: string, member: string) =>
  q(db).selectFrom('image_members').selectAll().where('image_id', '=', imageId).where('member', '=', member).executeTakeFirst()

export const membersOfImage = (db: Db, imageId: string) =>
  q(db).selectFrom('image_members').selectAll().where('image_id', '=', imageId).orderBy('created_at').orderBy('member').execute()

export const memberInsert = (db: Db, row: ImageMemberRow) => q(db).insertInto('image_members').values(row).execute()

export const memberUpdate = (db: Db, imageId: string, member: string, change: Pick<ImageMemberRow, 'status' | 'updated_at'>) =>
  q(db)
    .updateTable('image_members')
    .set(change)
    .where('image_id', '=', imageId)
    .where('member', '=', member)
    .returningAll()
    .executeTakeFirst()

export const memberDelete = (db: Db, imageId: string, member: string) =>
  q(db).deleteFrom('image_members').where('image_id', '=', imageId).where('member', '=', member).execute()
