// Many things in one request: ?bulk-delete and ?extract-archive.
import { table } from '../../../platform/table.ts'
import { swiftError } from '../answer.ts'
import { infoAdd } from '../info.ts'
import type { Step } from '../steps.ts'
import { bulkDelete, bulkDeleteLimits } from './delete.ts'

const archives = table<'none' | 'gzip' | 'bzip2'>({ tar: 'none', 'tar.gz': 'gzip', 'tar.bz2': 'bzip2' })

const bulkUploadLimits = { containers: 10_000, failures: 1000 }

export const bulk: Step = async (request, next) => {
  const { method, query, account } = request
  if (account === null) return next(request)
  if (query.has('bulk-delete') && (method === 'POST' || method === 'DELETE')) return bulkDelete(request, next)
  const archive = query.get('extract-archive')
  if (archive === null || method !== 'PUT') return next(request)
  const form = archive.toLowerCase().replace(/^\.+|\.+$/g, '')
  const packing = archives[form]
  if (!packing) return swiftError(400, 'Unsupported archive format')
  const { bulkUpload } = await import('./upload.ts')
  return bulkUpload(request, { next, packing, limits: bulkUploadLimits })
}

infoAdd('bulk_delete', () => ({ max_deletes_per_request: bulkDeleteLimits.names, max_failed_deletes: bulkDeleteLimits.failures }))
infoAdd('bulk_upload', () => ({
  max_containers_per_extraction: bulkUploadLimits.containers,
  max_failed_extractions: bulkUploadLimits.failures,
}))
