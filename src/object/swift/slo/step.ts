// Static large objects: PUT and DELETE with ?multipart-manifest. How they are read is their representer's business (read.ts).
import { infoAdd } from '../info.ts'
import { listingExtrasAdd } from '../listing-extras.ts'
import { SwiftRefusal } from '../refusals.ts'
import { representerAdd } from '../representations.ts'
import type { Step } from '../steps.ts'
import { sloDelete } from './delete.ts'
import { sloLimits, sloPut } from './put.ts'
import { sloRepresenter } from './read.ts'

export const slo: Step = async (request, next) => {
  const { method, object, query, headers } = request
  if (object === null) return next(request)
  const manifest = query.get('multipart-manifest')
  if (method === 'PUT' && manifest === 'put') return sloPut(request, next)
  if (method === 'DELETE' && manifest === 'delete') return sloDelete(request, next)
  if (headers['x-static-large-object'] !== undefined && method !== 'GET' && method !== 'HEAD')
    throw new SwiftRefusal(
      400,
      'X-Static-Large-Object is a reserved header. To create a static large object add query param multipart-manifest=put.',
    )
  return next(request)
}

representerAdd('slo', sloRepresenter)
listingExtrasAdd('slo', ({ etag, system }) => ({ hash: system['slo-manifest-etag'], slo_etag: `"${etag}"` }))
infoAdd('slo', () => ({
  max_manifest_segments: sloLimits.segments,
  max_manifest_size: sloLimits.manifestBytes,
  yield_frequency: 10,
  min_segment_size: 1,
  allow_async_delete: true,
}))
