// How actions are declared: POST /servers/:id/action with the action's name as the body's only key.
import type { Static, TSchema, TUnknown } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
import { operation, type Operation } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'

export interface Action<Body extends TSchema> {
  versions?: Operation['versions']
  /** of the action's value; left out: anything */
  body?: Body
  status?: number
  handler(ctx: Context, id: string, value: Static<Body>): Promise<unknown>
}

/** An action whose value nobody looks at. */
const anything = Type.Unknown()

/** `rule` stands below os_compute_api. */
export const action = <Body extends TSchema = TUnknown>(
  name: string,
  summary: string,
  rule: string,
  { versions, body, status = 202, handler }: Action<Body>,
): Operation =>
  operation({
    method: 'POST',
    path: '/servers/:id/action',
    action: name,
    summary,
    policy: `os_compute_api:${rule}`,
    body: body ?? (anything as TSchema as Body),
    status,
    ...defined({ versions }),
    handler: (ctx, request) => handler(ctx, request.params['id'] ?? '', request.body),
  })
