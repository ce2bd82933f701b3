// Version documents: /compute (all), /compute/v2.1 and the old /compute/v2 (one each). No token is needed.
import type { Operation } from '../../platform/api/operation.ts'
import { versionDocument } from '../../platform/api/version-document.ts'
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

function brief(publicUrl: string, { path, media: _media, ...shown }: typeof old) {
  return { ...shown, links: [{ rel: 'self', href: `${publicUrl}/compute/${path}/` }] }
}

const full = (version: typeof old) => (publicUrl: string) => {
  const { links, ...shown } = brief(publicUrl, version)
  return {
    version: {
      ...shown,
      links: [...links, { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
      'media-types': [{ base: 'application/json', type: `application/vnd.openstack.compute+json;version=${version.media}` }],
    },
  }
}

export const versionOperations: Operation[] = [
  versionDocument('^', (publicUrl) => ({ versions: [brief(publicUrl, old), brief(publicUrl, current)] })),
  versionDocument('^/v2', full(old)),
  versionDocument('', full(current)),
]
