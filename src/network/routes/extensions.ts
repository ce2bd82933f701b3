// /extensions: what this API serves. No rights needed beyond a token.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { notFound } from '../../platform/errors.ts'
import { extensions } from '../extensions.ts'

export const extensionOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/extensions',
    summary: 'List extensions',
    policy: 'get_extension',
    status: 200,
    async handler(ctx) {
      ctx.authorize({})
      return { extensions: extensions.map((extension) => ({ ...extension, links: [] })) }
    },
  }),
  operation({
    method: 'GET',
    path: '/extensions/:alias',
    summary: 'Show an extension',
    policy: 'get_extension',
    status: 200,
    async handler(ctx, { params }) {
      ctx.authorize({})
      const found = extensions.find(({ alias }) => alias === params['alias'])
      if (!found) throw notFound(`Extension with alias ${params['alias']} does not exist`, { type: 'HTTPNotFound' })
      return { extension: { ...found, links: [] } }
    },
  }),
]
