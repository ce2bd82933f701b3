// Open uploads end: with their container, when they are aborted, or after their time.
import { Budget } from '../../platform/budget.ts'
import { partRows, uploadRows } from '../store/uploads.ts'
import type { ContainerRow, UploadRow } from '../store/tables.ts'
import type { Act } from './act.ts'
import { count } from './counts.ts'

/** Its parts are garbage. */
export async function uploadEnd(it: Act, container: ContainerRow, upload: UploadRow): Promise<void> {
  count(it, container, { part_bytes: -(await partRows.bytesOf(it.db, upload.id)) })
  await partRows.end(it.db, upload.id, it.nowUs)
  await uploadRows.delete(it.db, upload.id)
}

const atOnce = 1000
/** of the budget */
const stepsAnUpload = 5000

/** All of a container. */
export async function uploadsEnd(it: Act, container: ContainerRow): Promise<void> {
  const budget = new Budget()
  for (;;) {
    const uploads = await uploadRows.page(it.db, { containerId: container.id, limit: atOnce })
    for (const upload of uploads) {
      await uploadEnd(it, container, upload)
      await budget.take(stepsAnUpload)
    }
    if (uploads.length < atOnce) return
  }
}
