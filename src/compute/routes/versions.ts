// Version documents: /compute (all), /compute/v2.1 and the old /compute/v2 (one each). No token is needed.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { computeMicroversions } from '../microversions.ts'

const old = { id: 'v2.0', path: 'v2', status: 'SUPPORTED', version: '', min_version: '', updated: '2011-01-21T11:33:21Z', media: '2' }
const current = {
  id: 'v2.1',
  path: 'v2.1',
  status: 'CURRENT',
  version: computeMicroversions.max,
  min_version: computeMicroversions.min,
  updated: '2013-07-23T11:33:21Z',
  media: '2.1',
}

function brief(ctx: Context, { path, media: _media, ...shown }: typeof old) {
  return { ...shown, links: [{ rel: 'self', href: `${ctx.config.publicUrl}/compute/${path}/` }] }
}

function full(ctx: Context, version: typeof old) {
  const { links, ...shown } = brief(ctx, version)
  return {
    version: {
      ...shown,
      links: [...links, { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
      'media-types': [{ base: 'application/json', type: `application/vnd.openstack.compute+json;version=${version.media}` }],
    },
  }
}

const document = (path: string, answer: (ctx: Context) => unknown) =>
  operation({ method: 'GET', path, summary: 'Version document', policy: null, status: 200, handler: async (ctx) => answer(ctx) })

export const versionOperations: Operation[] = [
  document('^', (ctx) => ({ versions: [brief(ctx, old), brief(ctx, current)] })),
  document('^/v2', (ctx) => full(ctx, old)),
  document('', (ctx) => full(ctx, current)),
]
