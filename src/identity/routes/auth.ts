// /auth/tokens: login, validation, revocation. Validation is the busiest request of a cloud: a look-up, one
// question to the policy and bytes that were rendered before.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { loginGate } from '../auth/gate.ts'
import { login } from '../auth/login.ts'
import { callerOf } from './caller.ts'
import { permit } from '../permission.ts'
import { tokenRevoke } from '../tokens/revoke.ts'
import { tokenBody } from '../tokens/show.ts'
import { receiptView } from '../views/receipt.ts'
import { tokenView } from '../views/token.ts'
import { payloadOf, tokenExpired, tokenVerify, type VerifiedToken } from '../tokens/tokens.ts'

const query = Type.Object({ nocatalog: Type.Optional(Type.String()), allow_expired: Type.Optional(Type.String()) })
const vary = 'X-Auth-Token'
const json = 'application/json'

/** The token of X-Subject-Token; 404 when there is none or it does not hold. */
async function subject(ctx: Context, request: ApiRequest, allowExpired = false): Promise<VerifiedToken> {
  const text = request.headers['x-subject-token']
  if (typeof text !== 'string' || text === '') throw notFound('No token in the request')
  const token = (await tokenVerify(ctx.platform, text)) ?? (allowExpired ? await tokenExpired(ctx.platform, text) : null)
  if (token) return token
  throw notFound(payloadOf(ctx.platform, text) ? 'Failed to validate token' : 'Could not recognize Fernet token')
}

/** The token as JSON; the catalog is left out when not wanted. */
const bodyOf = async (ctx: Context, token: VerifiedToken, withCatalog: boolean): Promise<string> =>
  withCatalog ? tokenBody(ctx.platform, token, tokenView) : JSON.stringify(tokenView(token.facts, null))

const target = (token: VerifiedToken) => ({ target: { token: { user_id: token.facts.user.id } } })

const answer = (body: string | undefined, token: VerifiedToken) =>
  new Reply(body, { headers: { 'x-subject-token': token.text, vary, 'content-type': json } })

export const authOperations: Operation[] = [
  operation({
    method: 'POST',
    path: '/auth/tokens',
    summary: 'Log in',
    policy: null,
    status: 201,
    query,
    body: Type.Object({ auth: Type.Unknown() }),
    async handler(ctx, request) {
      const caller = callerOf(ctx, request)
      const result = await loginGate(ctx.platform).pass(caller.address, () => login(ctx, request.body, caller))
      if (result.kind === 'receipt') {
        return new Reply(receiptView(result.receipt), { status: 401, headers: { 'openstack-auth-receipt': result.receipt.text, vary } })
      }
      const { token } = result
      return answer(await bodyOf(ctx, token, request.query.nocatalog === undefined), token)
    },
  }),
  operation({
    method: 'GET',
    path: '/auth/tokens',
    summary: 'Validate a token',
    policy: 'identity:validate_token',
    status: 200,
    query,
    async handler(ctx, request) {
      const token = await subject(ctx, request, lenientBoolean(request.query.allow_expired) && ctx.allows({}, 'service_role'))
      permit(ctx, target(token))
      return answer(await bodyOf(ctx, token, request.query.nocatalog === undefined), token)
    },
  }),
  operation({
    method: 'HEAD',
    path: '/auth/tokens',
    summary: 'Check a token',
    policy: 'identity:check_token',
    status: 200,
    async handler(ctx, request) {
      const token = await subject(ctx, request)
      permit(ctx, target(token))
      return answer(undefined, token)
    },
  }),
  operation({
    method: 'DELETE',
    path: '/auth/tokens',
    summary: 'Revoke a token',
    policy: 'identity:revoke_token',
    status: 204,
    async handler(ctx, request) {
      const token = await subject(ctx, request)
      permit(ctx, target(token))
      await tokenRevoke(ctx, token)
    },
  }),
]
