// Cinder's older URLs carry the project: it must be the token's (attack 28).
import { badRequest, notFound } from '../../platform/errors.ts'
import type { Operation } from '../../platform/api/operation.ts'

/** The operation, refused when the project in its path is another than the token's. */
export const inProject = (declared: Operation): Operation => ({
  ...declared,
  async handler(ctx, request) {
    const named = request.params['project_id']
    if (named !== undefined && named !== ctx.actor.projectId) {
      // what is no id of a project at all is no address either
      throw /^[0-9a-f-]{32,36}$/i.test(named) || ctx.actor.projectId === null ? badRequest('Malformed request url') : notFound()
    }
    return declared.handler(ctx, request)
  },
})
