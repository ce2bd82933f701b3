// The document that describes every service.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../platform/context.ts'
import type { ApiRequest, Reply } from '../platform/api/operation.ts'
import { domains } from './domains.ts'
import { openapiService } from './openapi.ts'

test('F7 the document is made once: whoever asks again is given the very same bytes', async () => {
  const [declared] = openapiService(domains.flatMap(({ services }) => services)).operations
  assert.ok(declared)
  const bytes = async () => ((await declared.handler({} as Context, {} as ApiRequest<never, never>)) as Reply).body
  const first = await bytes()
  assert.ok(Buffer.isBuffer(first) && first.length > 100_000)
  assert.equal(await bytes(), first)
})
