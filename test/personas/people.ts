// The personas of secure RBAC with real tokens, won by real log-ins: each role on a project, a domain and the system, a
// service, and somebody without any role. They live in the default domain, beside the estate of one of its projects.
import assert from 'node:assert/strict'
import { authenticate } from '../../src/identity/index.ts'
import { credentialsOf } from '../../src/platform/context.ts'
import type { Credentials } from '../../src/platform/api/policy.ts'
import { defined } from '../../src/platform/defined.ts'
import type { TestCloud } from '../support/cloud.ts'

export interface Persona {
  /** 'manager of the domain' */
  name: string
  token: string
  userId: string
  credentials: Credentials
}

const password = 'a-password-for-tests'
const v3 = '/identity/v3'

/** All of them; `admin` is a token that may make users and grants. */
export async function makePeople(
  cloud: TestCloud,
  { admin, projectId, domainId }: { admin: string; projectId: string; domainId: string },
): Promise<Persona[]> {
  const does = async (method: string, url: string, body?: unknown) => {
    const answer = await cloud.request(method, v3 + url, { as: admin, ...defined({ body }) })
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.text}`)
    return answer.body
  }
  const roles = new Map<string, string>(
    (await does('GET', '/roles')).roles.map((role: { name: string; id: string }) => [role.name, role.id]),
  )
  const places = {
    project: { path: `/projects/${projectId}`, scope: { project: { id: projectId } } },
    domain: { path: `/domains/${domainId}`, scope: { domain: { id: domainId } } },
    system: { path: '/system', scope: { system: { all: true } } },
  }
  const person = async (name: string, role: string | null, place: { path: string; scope: object } | null): Promise<Persona> => {
    const userId: string = (await does('POST', '/users', { user: { name, domain_id: domainId, password } })).user.id
    if (place && role) await does('PUT', `${place.path}/users/${userId}/roles/${roles.get(role)}`)
    const auth = {
      identity: { methods: ['password'], password: { user: { id: userId, password } } },
      ...(place ? { scope: place.scope } : {}),
    }
    const answer = await cloud.request('POST', `${v3}/auth/tokens`, { body: { auth } })
    assert.equal(answer.status, 201, answer.text)
    const token = String(answer.headers['x-subject-token'])
    const actor = await authenticate(token, cloud.platform)
    assert.ok(actor, name)
    return { name, token, userId, credentials: credentialsOf(actor) }
  }
  const people = [await person('nobody', null, null), await person('service of the project', 'service', places.project)]
  for (const [word, place] of Object.entries(places)) {
    for (const role of ['reader', 'member', 'manager', 'admin']) people.push(await person(`${role} of the ${word}`, role, place))
  }
  return people
}
