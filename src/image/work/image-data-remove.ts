// Removes the file of an image whose record is gone. Safe at any time: a token is never used again.
import { saga } from '../../platform/work/definition.ts'
import { imageStore, type DataName } from '../backends/store.ts'

export const imageDataRemove = saga<DataName>({
  name: 'image-data-remove',
  deadlineMs: 86_400_000,
  steps: [{ name: 'remove', run: (work, name) => imageStore(work.ctx.platform).remove(name) }],
  // the reconciler image-store-clean looks for such files anyway
  async failed() {},
})
