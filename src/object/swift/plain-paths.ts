// Paths that name no account and ask for no token: /info, /healthcheck, /crossdomain.xml. /v1/endpoints tells where replicas lie:
// there are none.
import { table } from '../../platform/table.ts'
import { answer, swiftError, type SwiftAnswer } from './answer.ts'
import { infoText } from './info.ts'
import type { SwiftRequest } from './request.ts'
import type { Step } from './steps.ts'

const crossDomain = `<?xml version="1.0"?>
<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd" >
<cross-domain-policy>
<allow-access-from domain="*" secure="false" />
</cross-domain-policy>`

const pages = table<(request: SwiftRequest) => SwiftAnswer>({
  '/info': ({ platform }) => answer(200, { body: infoText(platform), type: 'application/json; charset=UTF-8' }),
  '/healthcheck': () => answer(200, { body: 'OK', type: 'text/plain' }),
  '/crossdomain.xml': () => answer(200, { body: crossDomain, type: 'application/xml' }),
})

export const plainPaths: Step = async (request, next) => {
  const page = pages[request.path]
  if (!page) return request.path === '/v1/endpoints' || request.path.startsWith('/v1/endpoints/') ? swiftError(404) : next(request)
  if (request.method === 'OPTIONS') return answer(200, { headers: { allow: 'GET, HEAD, OPTIONS' } })
  if (request.method !== 'GET' && request.method !== 'HEAD') return swiftError(405, undefined, { allow: 'GET, HEAD, OPTIONS' })
  return withOrigin(request, page(request))
}

/** Anybody's page may read them. */
function withOrigin(request: SwiftRequest, made: SwiftAnswer): SwiftAnswer {
  if (request.headers['origin'] !== undefined) made.headers['access-control-allow-origin'] = '*'
  return made
}
