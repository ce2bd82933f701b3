// /extensions: what old clients look up before they use a part of the API.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { notFound } from '../../platform/errors.ts'
import { extensions } from './extensions.ts'

const view = ([alias, name, description]: (typeof extensions)[number]) => ({
  alias,
  name,
  description,
  links: [],
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
})

export const extensionOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/extensions',
    summary: 'List extensions',
    policy: 'os_compute_api:extensions',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return { extensions: extensions.map(view) }
    },
  }),
  operation({
    method: 'GET',
    path: '/extensions/:alias',
    summary: 'Show an extension',
    policy: 'os_compute_api:extensions',
    status: 200,
    async handler(ctx, { params }) {
      ctx.authorize()
      const found = extensions.find(([alias]) => alias === params['alias'])
      if (!found) throw notFound('The resource could not be found.')
      return { extension: view(found) }
    },
  }),
]
