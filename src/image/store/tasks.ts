// SQL of tasks: the record of imports.
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ImageTables } from './tables.ts'

export interface ImageTaskRow {
  id: string
  type: 'import' | 'api_image_import' | 'location_import'
  status: 'pending' | 'processing' | 'success' | 'failure'
  project_id: string | null
  user_id: string | null
  request_id: string | null
  image_id: string | null
  input: object
  result: object | null
  message: string
  created_at: string
  updated_at: string
  expires_at: string | null
}

const q = (db: Db) => db.as<ImageTables>()

export const taskRows = rows<ImageTaskRow>('image_tasks')

export const tasksOfImage = (db: Db, imageId: string) =>
  q(db)
    .selectFrom('image_tasks')
    .selectAll()
    .where('image_id', '=', imageId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(1000)
    .execute()

export function tasksPage(db: Db, filters: Partial<Pick<ImageTaskRow, 'type' | 'status' | 'project_id'>>, request: PageRequest) {
  let query = q(db).selectFrom('image_tasks').selectAll()
  for (const [column, value] of Object.entries(filters)) query = query.where(column as 'type', '=', value as ImageTaskRow['type'])
  return page(query, request).execute()
}

/** Changes a task that has not ended. */
export const taskChange = (
  db: Db,
  id: string,
  change: Partial<Pick<ImageTaskRow, 'status' | 'message' | 'result' | 'updated_at' | 'expires_at'>>,
) => taskRows.update(db, { id, status: ['pending', 'processing'] }, change)
