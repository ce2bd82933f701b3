// GET /operations/why/:id, /operations/work, /operations/fsck, /operations/metrics; POST
// /operations/work/:id/retry, /operations/work/:id/cancel, /operations/fsck.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type ApiRequest, type Domain, type Operation } from '../../platform/api/operation.ts'
import { notFound } from '../../platform/errors.ts'
import type { Check } from '../../platform/fsck/check.ts'
import { fsckLast, fsckRun } from './fsck.ts'
import { fsckText } from './fsck-text.ts'
import { metricsContentType, metricsText } from './metrics.ts'
import { why } from './why.ts'
import { workCancel, workList, workRetry } from './work.ts'

const id = ({ params }: ApiRequest) => params['id'] ?? ''
const state = Type.Union([Type.Literal('dead'), Type.Literal('ready'), Type.Literal('running')])

export const operationsRoutes = ({ products, checks }: { products: Domain[]; checks: Check[] }): Operation[] => [
  operation({
    method: 'GET',
    path: '/why/:id',
    summary: 'What happened to a resource, who asked for it, and what it waits for',
    policy: 'stackling:why:show',
    status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      return why(ctx, id(request), products)
    },
  }),
  operation({
    method: 'GET',
    path: '/work',
    summary: 'List work by its state, what waits longest first',
    policy: 'stackling:work:list',
    status: 200,
    query: Type.Object({
      state: Type.Optional(state),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      marker: Type.Optional(Type.String()),
    }),
    async handler(ctx, request) {
      ctx.authorize()
      return workList(ctx, request.query, products)
    },
  }),
  operation({
    method: 'POST',
    path: '/work/:id/retry',
    summary: 'Run a dead piece of work again from where it stands',
    policy: 'stackling:work:retry',
    status: 202,
    async handler(ctx, request) {
      ctx.authorize()
      return { work: await workRetry(ctx, id(request), products) }
    },
  }),
  operation({
    method: 'POST',
    path: '/work/:id/cancel',
    summary: 'Take a piece of work back that goes forward',
    policy: 'stackling:work:cancel',
    status: 202,
    body: Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }, { additionalProperties: false }),
    bodyOptional: true,
    async handler(ctx, request) {
      ctx.authorize()
      return { work: await workCancel(ctx, id(request), { reason: request.body?.reason, products }) }
    },
  }),
  operation({
    method: 'GET',
    path: '/fsck',
    summary: 'Show what the last comparison of rows with what is real found',
    policy: 'stackling:fsck:show',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      const last = await fsckLast(ctx)
      if (last === null) throw notFound('There was no fsck yet.')
      return { ...last, text: fsckText(last) }
    },
  }),
  operation({
    method: 'POST',
    path: '/fsck',
    summary: 'Compare rows with what is real and with each other, and mend it if asked to',
    policy: 'stackling:fsck:run',
    status: 200,
    body: Type.Object({ repair: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
    async handler(ctx, request) {
      ctx.authorize()
      return fsckRun(ctx, checks, request.body.repair === true)
    },
  }),
  operation({
    method: 'GET',
    path: '/metrics',
    summary: 'Differences and work as numbers, for Prometheus',
    policy: 'stackling:metrics:show',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return new Reply(await metricsText(ctx, checks), { headers: { 'content-type': metricsContentType } })
    },
  }),
]
