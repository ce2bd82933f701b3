// GET /operations/why/:id, GET /operations/work, POST /operations/work/:id/retry.
import Type from 'typebox'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { why } from './why.ts'
import { workInState, workRetry } from './work.ts'

const id = ({ params }: ApiRequest) => params['id'] ?? ''
const state = Type.Union([Type.Literal('dead'), Type.Literal('ready'), Type.Literal('running')])

export const operationsRoutes = (definitions: WorkDefinition[]): Operation[] => [
  operation({
    method: 'GET', path: '/why/:id', summary: 'What happened to a resource, who asked for it, and what it waits for', policy: 'stackling:why:show', status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      return why(ctx, id(request), definitions)
    },
  }),
  operation({
    method: 'GET', path: '/work', summary: 'List work by its state, oldest first', policy: 'stackling:work:list', status: 200, query: Type.Object({ state: Type.Optional(state) }),
    async handler(ctx, request) {
      ctx.authorize()
      return { work: await workInState(ctx, request.query.state ?? 'dead', definitions) }
    },
  }),
  operation({
    method: 'POST', path: '/work/:id/retry', summary: 'Run a dead piece of work again from where it stands', policy: 'stackling:work:retry', status: 202,
    async handler(ctx, request) {
      ctx.authorize()
      return { work: await workRetry(ctx, id(request), definitions) }
    },
  }),
]
