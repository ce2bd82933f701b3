// Every persona at every operation of every service, with real tokens on a cloud that is full of things: what upstream's
// rules and scope types say of it (upstream-policies.tsv), and what deviations.tsv says otherwise, is what it is answered.
// Who could never be allowed gets 403 whatever is asked; who is not allowed on the project's own things 403 or 404; who is
// allowed is not refused by policy. What changes something is sent, when allowed, at ids that are nowhere.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authenticate } from '../../src/identity/index.ts'
import { basePolicy } from '../../src/platform/api/base-policy.ts'
import { Policy, type Rules, type RuleScopes } from '../../src/platform/api/policy.ts'
import { defined } from '../../src/platform/defined.ts'
import { domains } from '../../src/server/domains.ts'
import { testAuthenticate } from '../support/cloud.ts'
import { settled } from '../support/saga.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { makeCommons, makeEstate, type Commons, type Estate } from '../tables/estate.ts'
import { plainBody, type Sender } from '../tables/id-bodies.ts'
import { pathKinds } from '../tables/id-fields.ts'
import { absentId, allOperations, versionHeaders, type OperationRow } from '../tables/operations.ts'
import { makePeople, type Persona } from './people.ts'
import { deviations, upstreamRules } from './upstream.ts'

const domainId = 'default'
let the: ServerCloud
let estate: Estate
let commons: Sender['commons']
let people: Persona[]
/** of the personas' domain, by the segment before them in paths of identity */
const identityIds: Record<string, string> = { domains: domainId }
let serial = 0

before(async () => {
  the = await startServerCloud({
    authenticate: async (token, platform) => (await authenticate(token, platform)) ?? testAuthenticate(token, platform),
  })
  const shared: Commons = await makeCommons(the)
  commons = { ...shared, imageId: the.imageId, flavorId: the.flavorId }
  estate = await makeEstate(the, shared, { name: 'house', octet: 21 })
  await settled(the.cloud)
  people = await makePeople(the.cloud, { admin: 'admin@cloud', projectId: estate.project, domainId })
  const make = async (url: string, key: string, body: object): Promise<string> =>
    (await the.cloud.request('POST', `/identity/v3/${url}`, { as: 'admin@cloud', body: { [key]: body } })).body[key].id
  identityIds['users'] = await make('users', 'user', { name: 'somebody', domain_id: domainId })
  identityIds['groups'] = await make('groups', 'group', { name: 'some', domain_id: domainId })
  identityIds['projects'] = estate.project
  identityIds['roles'] = (await the.cloud.request('GET', '/identity/v3/roles?name=member', { as: 'admin@cloud' })).body.roles[0].id
})
after(() => the.stop())

/** Upstream's rules with upstream's scopes; ours only where deviations.tsv says why, or where upstream has none of the name. */
function upstreamPolicy(): Policy {
  const policy = new Policy()
  policy.load(basePolicy)
  for (const { name: domain, policy: own, policyScopes } of domains) {
    const rules: Rules = { ...own }
    const but: NonNullable<RuleScopes['but']> = { ...policyScopes.but }
    for (const upstream of upstreamRules.filter((rule) => rule.domain === domain)) {
      const fits = (what: string) =>
        deviations.some((one) => one.domain === domain && one.what === what && (one.rule === '*' || one.rule === upstream.name))
      if (!fits('check')) rules[upstream.name] = upstream.check
      if (!fits('scopes')) but[upstream.name] = upstream.scopes
    }
    policy.load(basePolicy, domain)
    policy.load(rules, domain, { usual: policyScopes.usual, but })
  }
  return policy
}
const upstream = upstreamPolicy()

/** What the rules look at of a thing of the project, or of its domain, by every name that they use. */
function ownTarget({ userId }: Persona, service: string): Record<string, unknown> {
  const { project } = estate
  // in identity the user of the path, elsewhere whoever asks: keypairs are a user's own
  const user = service === 'identity' ? identityIds['users'] : userId
  const parents = ['network', 'ext_parent', 'security_group'].flatMap((parent) => [
    [`${parent}:project_id`, project],
    [`${parent}:tenant_id`, project],
  ])
  return {
    project_id: project,
    tenant_id: project,
    user_id: user,
    domain_id: domainId,
    owner: project,
    visibility: 'private',
    ...Object.fromEntries(parents),
    target: {
      project: { id: project, domain_id: domainId },
      user: { id: user, domain_id: domainId },
      group: { domain_id: domainId },
      domain: { id: domainId },
      domain_id: domainId,
      role: { domain_id: null, name: 'member' },
      credential: { user_id: userId },
      token: { user_id: userId },
    },
  }
}

/** parameters that name a word inside of what the path names before, and no thing of its own */
const words = new Set([':value', ':group', ':option', ':key', ':tag'])

/** The path with what the estate has of each kind; `found` says that nothing in it is made up. */
function aimed(row: OperationRow): { url: string; found: boolean } {
  const parts = row.path.split('/')
  let found = true
  const filled = parts.map((part, index) => {
    if (part === '*') return 'x'
    if (!part.startsWith(':')) return part
    const before_ = parts[index - 1] ?? ''
    const kind = pathKinds[row.service.type]?.[before_]
    const id =
      row.service.type === 'identity'
        ? identityIds[before_]
        : part === ':project_id' && kind === undefined
          ? estate.project
          : kind && estate.ids[kind]
    found &&= id !== undefined || words.has(part)
    return encodeURIComponent(id ?? absentId)
  })
  return { url: filled.join('/'), found }
}

const nowhere = ({ path, service }: OperationRow) =>
  path
    .replace(/:(\w+)/g, (_, name: string) => (name === 'project_id' && service.type === 'block-storage' ? estate.project : absentId))
    .replace('*', 'x')

/** what may be asked for and still not be there: why */
const absent: { pattern: RegExp; reason: string }[] = [
  { pattern: /\/os-keypairs\/|\/auth\/(tokens|catalog)/, reason: 'it is another user’s, or a token that was not sent' },
  { pattern: /\/roles\/[^/]+(\/inherited_to_projects)?$/, reason: 'there is no such grant' },
  { pattern: /\/(metadata|extra_specs|os-extra_specs|group_specs|tags|config|encryption)(\/|$)/, reason: 'there is no such word in it' },
  { pattern: /\/groups\/\w+\/users\/|\/default-types\/|\/group_types\/default/, reason: 'nothing of the kind was set up' },
  { pattern: /\/v2\/cache|\/auto-allocated-topology\//, reason: 'nothing of the kind was set up' },
  { pattern: /\/images\/[^/]+\/members$/, reason: 'a private image has none' },
  { pattern: /\/images\/[^/]+\/locations$/, reason: 'a service finds the images that it may see, by a role beside its own' },
]
/** rules that look at the project of the path, which is nowhere when something would be changed */
const ofThePath = /auto-allocated-topology/
/** the rule that refused, by each service's words */
const refusing = /(?:action: |to complete |Policy doesn.t allow |rule:)([\w:-]+?)(?:\.| action| to be performed| is disallowed| and )/

async function judge(row: OperationRow, persona: Persona): Promise<string | null> {
  const { operation } = row
  const rules = [operation.policy ?? '', ...(operation.orPolicies ?? [])]
  const reads = operation.method === 'GET' || operation.method === 'HEAD'
  const { url, found } = aimed(row)
  const send = async (to: string) => {
    const body =
      plainBody(row, { ids: estate.ids, commons, serial: serial++ }) ??
      (operation.action === undefined ? undefined : { [operation.action]: null })
    const answer = await the.cloud.request(operation.method, to, {
      as: persona.token,
      headers: versionHeaders(row),
      ...defined({ body }),
    })
    return { ...answer, said: `${persona.name}: ${answer.status} ${answer.text.slice(0, 160)}` }
  }
  if (!rules.some((rule) => upstream.maySatisfy(rule, persona.credentials))) {
    const answer = await send(url)
    return answer.status === 403 ? null : `never allowed, ${answer.said}`
  }
  const identity = row.service.type === 'identity'
  // whatever a token without any scope may do elsewhere, it has no project to do it in
  if (!identity && persona.credentials.project_id === null) return null
  const target = identity && !found ? {} : ownTarget(persona, row.service.type)
  const allows = (what: Record<string, unknown>) => rules.some((rule) => upstream.allows(rule, what, persona.credentials))
  if (allows(target)) {
    const answer = await send(reads ? url : nowhere(row))
    // of identity's things that are nowhere, Keystone asks without a target
    const surely = reads || (identity ? allows({}) : !ofThePath.test(url))
    const refused = answer.status === 403 ? refusing.exec(answer.text)?.[1] : undefined
    // an operation may ask for more than the rule that it declares: upstream must refuse that too
    const rightly =
      refused !== undefined && !rules.includes(refused) && upstream.has(refused) && !upstream.allows(refused, target, persona.credentials)
    if (answer.status === 401 || (surely && refused !== undefined && !rightly)) return `allowed, ${answer.said}`
    if (rightly) return null
    // 400: its query lacks something; 410: it is gone for everybody
    const missing = answer.status >= 401 && answer.status !== 410 && !absent.some(({ pattern }) => pattern.test(url))
    return reads && found && missing ? `allowed, and there, ${answer.said}` : null
  }
  const answer = await send(url)
  // a list tells what is allowed of it, if only nothing
  if (reads && answer.status === 200 && !row.path.includes('/:'))
    return answer.text.includes(estate.marker) ? `not allowed, and shown, ${answer.said}` : null
  return answer.status === 403 || answer.status === 404 || answer.status === 400 ? null : `not allowed, ${answer.said}`
}

// the same operations stand below /v3 and /v3/:project_id: one of the two tells all
for (const row of allOperations().filter(({ operation, path }) => operation.policy !== null && !path.includes('/v3/:project_id/'))) {
  test(`clients 1 personas: ${row.name}`, async () => {
    const wrong: string[] = []
    for (const persona of people) {
      const found = await judge(row, persona)
      if (found) wrong.push(found)
    }
    assert.deepEqual(wrong, [])
  })
}
