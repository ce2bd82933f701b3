// /extensions: what old clients look up before they use a part of the API.
import type { Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
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

const declared = resource({
  path: '/extensions',
  key: 'alias',
  one: 'an extension',
  many: 'extensions',
  rule: () => 'os_compute_api:extensions',
})

export const extensionOperations: Operation[] = [
  declared.list({
    async handler(ctx) {
      ctx.authorize()
      return { extensions: extensions.map(view) }
    },
  }),
  declared.show({
    async handler(ctx, asked) {
      ctx.authorize()
      const found = extensions.find(([alias]) => alias === asked)
      if (!found) throw notFound('The resource could not be found.')
      return { extension: view(found) }
    },
  }),
]
