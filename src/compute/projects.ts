// A project that a request names must exist, where Nova asks Keystone about it.
import { projectFetch } from '../identity/index.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'

/** 400 in Nova's words when there is no such project. */
export async function projectMustExist(ctx: Context, projectId: string): Promise<void> {
  if (!(await projectFetch(ctx, projectId))) throw badRequest(`Project ID ${projectId} is not a valid project.`)
}
