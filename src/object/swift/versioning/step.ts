// Versions, in all of Swift's ways. What a write does to them is the engine's business; here is what headers and parameters say.
import { isSuccess } from '../answer.ts'
import { infoAdd } from '../info.ts'
import type { Step } from '../steps.ts'
import { containerChanged, containerShown } from './containers.ts'
import { versionsRead } from './listing.ts'
import { versionAsked, versionTold } from './objects.ts'

export const versioning: Step = async (request, next) => {
  const { method, container, object, query } = request
  if (container === null) return next(request)
  if (object !== null) {
    const id = query.get('version-id')
    return id === null || id === '' ? versionTold(request, next) : versionAsked(request, next, id)
  }
  if (method === 'PUT' || method === 'POST') return containerChanged(request, next)
  if (method === 'GET' && query.has('versions')) return versionsRead(request)
  const made = await next(request)
  return (method === 'GET' || method === 'HEAD') && isSuccess(made) ? containerShown(made, await request.containerRow()) : made
}

infoAdd('versioned_writes', () => ({ allowed_flags: ['x-versions-location', 'x-history-location'] }))
infoAdd('object_versioning', () => ({}))
