// How actions are declared: POST /servers/:id/action with the action's name as the body's only key.
import Type, { type Static, type TSchema, type TUnknown } from 'typebox'
import { operation, type Operation } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'

export interface Action<Body extends TSchema> {
  summary: string
  policy: string
  versions?: [string | null, string | null]
  /** of the action's value; left out: anything */
  body?: Body
  status?: number
  handler(ctx: Context, id: string, value: Static<Body>): Promise<unknown>
}

/** An action whose value nobody looks at. */
const anything = Type.Unknown()

export function action<Body extends TSchema = TUnknown>(
  name: string,
  { summary, policy, versions, body, status, handler }: Action<Body>,
): Operation {
  return operation({
    method: 'POST',
    path: '/servers/:id/action',
    action: name,
    summary,
    policy: policy.includes(':') ? policy : `os_compute_api:servers:${policy}`,
    body: body ?? (anything as TSchema as Body),
    status: status ?? 202,
    ...(versions ? { versions } : {}),
    handler: (ctx, request) => handler(ctx, request.params['id'] ?? '', request.body),
  })
}
