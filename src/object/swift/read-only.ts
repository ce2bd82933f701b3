// A cloud that an operator has made read-only: nothing is written; with `allow_deletes` things may still go.
import { swiftError } from './answer.ts'
import { infoAdd } from './info.ts'
import type { Step } from './steps.ts'

const writes = new Set(['COPY', 'POST', 'PUT'])

export const readOnly: Step = async (request, next) => {
  const { readOnly: isReadOnly, allowDeletes } = request.platform.config.object
  const isWrite = writes.has(request.method) || (request.method === 'DELETE' && !allowDeletes)
  return isReadOnly && isWrite ? swiftError(405, 'Writes are disabled for this account.', { allow: 'GET, HEAD, OPTIONS' }) : next(request)
}

infoAdd('read_only', ({ config }) => (config.object.readOnly ? {} : null))
