// ImageTaskRow → what Glance shows: less in lists than alone.
import type { ImageTaskRow } from '../store/tasks.ts'
import { seconds } from './images.ts'

const common = (row: ImageTaskRow) => ({
  id: row.id,
  type: row.type,
  status: row.status,
  owner: row.project_id,
  image_id: row.image_id,
  request_id: row.request_id,
  user_id: row.user_id,
  created_at: seconds(row.created_at),
  updated_at: seconds(row.updated_at),
  ...(row.expires_at === null ? {} : { expires_at: seconds(row.expires_at) }),
})

export const taskView = (row: ImageTaskRow) => ({
  ...common(row),
  message: row.message,
  input: row.input,
  result: row.result,
  self: `/v2/tasks/${row.id}`,
  schema: '/v2/schemas/task',
})

export const taskListView = (row: ImageTaskRow) => ({ ...common(row), self: `/v2/tasks/${row.id}`, schema: '/v2/schemas/task' })

/** GET /v2/images/:id/tasks shows the bare records. */
export const imageTaskView = (row: ImageTaskRow) => {
  const { schema: _schema, self: _self, ...record } = taskView(row)
  return { ...record, updated_at: seconds(row.updated_at) }
}
