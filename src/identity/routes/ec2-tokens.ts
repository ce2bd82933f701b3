// POST /ec2tokens and /s3tokens: whose signature is it? For services and administrators.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { ec2Authenticate, s3Authenticate } from '../ec2-tokens.ts'
import { tokenBody } from '../tokens/show.ts'
import type { VerifiedToken } from '../tokens/tokens.ts'
import { tokenView } from '../views/token.ts'

const body = Type.Object({}, { additionalProperties: true })
const json = { 'content-type': 'application/json' }
const shown = (ctx: Context, token: VerifiedToken) => tokenBody(ctx.platform, token, tokenView)

export const ec2TokenOperations: Operation[] = [
  operation({
    method: 'POST',
    path: '/ec2tokens',
    summary: 'Get a token for a signed EC2 request',
    policy: 'identity:ec2tokens_validate',
    status: 200,
    body,
    async handler(ctx, request) {
      const token = await ec2Authenticate(ctx, request.body)
      return new Reply(await shown(ctx, token), { headers: { ...json, 'x-subject-token': token.text } })
    },
  }),
  operation({
    method: 'POST',
    path: '/s3tokens',
    summary: 'See whose signature an S3 request has',
    policy: 'identity:s3tokens_validate',
    status: 200,
    body,
    handler: async (ctx, request) => new Reply(await shown(ctx, await s3Authenticate(ctx, request.body)), { headers: json }),
  }),
]
