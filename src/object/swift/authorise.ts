// May the one who asks do this here? Asked of src/object/access, refused in Swift's words: nobody known 401, somebody known 403.
import { decide, type Act, type Verdict } from '../access/index.ts'
import type { ObjectRow } from '../store/tables.ts'
import { isForeign } from './account-key.ts'
import { wwwAuthenticate } from './authentication.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'

const granted: Verdict = { may: true, owner: false, because: 'acl' }

/** Those whom the container's lists let in have to do with what is current; versions by their ids are the project's own business. */
const ofOwnProject = new Set<Verdict['because']>(['reseller', 'system-reader', 'operator', 'reader'])

/** The verdict on the request's own account, container and object; throws where it may not be. */
export async function authorise(request: SwiftRequest, act: Act, object?: ObjectRow | null): Promise<Verdict> {
  const verdict = await verdictOn(request, act, object ?? null)
  if (verdict.may && (ofOwnProject.has(verdict.because) || !request.query.has('version-id'))) return verdict
  if (request.caller.kind === 'token') throw new SwiftRefusal(403)
  throw new SwiftRefusal(401, undefined, wwwAuthenticate(request))
}

async function verdictOn(request: SwiftRequest, act: Act, object: ObjectRow | null): Promise<Verdict> {
  const { caller, account, platform, accountKey } = request
  const refused: Verdict = { may: false, owner: false, because: 'refused' }
  if (account === null || isForeign(account)) return refused
  if (caller.kind === 'granted') return caller.mayDo(request) ? granted : refused
  return decide(platform, {
    who: caller.kind === 'token' ? caller.actor : null,
    service: caller.kind === 'token' ? (caller.service ?? null) : null,
    account: accountKey,
    container: (await request.containerRow()) ?? null,
    object,
    ...(request.object === null ? {} : { objectName: request.object }),
    act,
    referrer: request.headers['referer'],
    source: request.remoteAddress,
    secure: 'encrypted' in request.raw.socket,
  })
}
