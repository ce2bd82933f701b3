// Every persona at every operation of every service, with real tokens on a cloud that is full of things: what upstream's
// rules and scope types say of it (upstream-policies.tsv), and what deviations.tsv says otherwise, is what it is answered.
// Who could never be allowed gets 403 whatever is asked; who is not allowed 403 or 404; who is allowed is not refused by policy.
// All of it is asked of the personas' own project and domain, and of another project in another domain. What changes something is
// sent, when allowed, at ids that are nowhere. What came out stands in matrix.golden.tsv: a change of it is a change of policy and
// must be meant. UPDATE_GOLDEN=1 writes it anew.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
import { bodyWith, lastName, leaves, plainBody, type Sender } from '../tables/id-bodies.ts'
import { byPersonas, pathExceptions, pathKinds } from '../tables/id-fields.ts'
import { absentId, allOperations, isBodyless, versionHeaders, type OperationRow } from '../tables/operations.ts'
import { makePeople, type Persona } from './people.ts'
import { deviations, upstreamRules } from './upstream.ts'

/** A project full of things, and its domain. */
interface Place {
  estate: Estate
  domainId: string
  /** of the domain, by the segment before them in paths of identity */
  identityIds: Record<string, string>
}

let the: ServerCloud
/** of the personas */
let own: Place
let other: Place
let commons: Sender['commons']
let people: Persona[]
/** what a persona has that is nobody else's, by the segment before it in paths of identity */
const mine = new Map<Persona, Record<string, string>>()
let serial = 0

before(async () => {
  the = await startServerCloud({
    authenticate: async (token, platform) => (await authenticate(token, platform)) ?? testAuthenticate(token, platform),
  })
  const shared: Commons = await makeCommons(the)
  commons = { ...shared, imageId: the.imageId, flavorId: the.flavorId }
  const elsewhere = await make('domains', 'domain', { name: 'elsewhere' })
  own = await makePlace(shared, { name: 'house', octet: 21, domainId: 'default' })
  other = await makePlace(shared, { name: 'neighbour', octet: 22, domainId: elsewhere })
  await settled(the.cloud)
  people = await makePeople(the.cloud, { admin: 'admin@cloud', projectId: own.estate.project, domainId: own.domainId })
  for (const persona of people) mine.set(persona, await thingsOf(persona))
})
after(() => the.stop())

async function make(url: string, key: string, body: object, as = 'admin@cloud'): Promise<string> {
  const answer = await the.cloud.request('POST', `/identity/v3/${url}`, { as, body: { [key]: body } })
  assert.equal(answer.status, 201, answer.text)
  return answer.body[key].id
}

/** What a project may have of something that is not counted. */
async function makeLimit({ project, marker }: Estate): Promise<string> {
  const service_id = await make('services', 'service', { type: marker })
  const several = async (plural: string, limit: object) => {
    const answer = await the.cloud.request('POST', `/identity/v3/${plural}`, { as: 'admin@cloud', body: { [plural]: [limit] } })
    assert.equal(answer.status, 201, answer.text)
    return answer.body[plural][0].id
  }
  await several('registered_limits', { service_id, resource_name: 'things', default_limit: 1 })
  return several('limits', { service_id, resource_name: 'things', resource_limit: 2, project_id: project })
}

/** Who has a role on the project has keys there, and trusts somebody. */
async function thingsOf({ userId, token, credentials }: Persona): Promise<Record<string, string>> {
  const things = { users: userId, credentials: await make('credentials', 'credential', { user_id: userId, type: 'cert', blob: 'x' }) }
  if (credentials.project_id === null) return things
  const rule = { service: 'compute', method: 'GET', path: '/v2.1/servers' }
  const key = { name: 'key', access_rules: [rule] }
  const application_credentials = await make(`users/${userId}/application_credentials`, 'application_credential', key, token)
  const rules = await the.cloud.request('GET', `/identity/v3/users/${userId}/access_rules`, { as: token })
  const trust = { trustor_user_id: userId, trustee_user_id: own.identityIds['users'], impersonation: false }
  return {
    ...things,
    application_credentials,
    access_rules: rules.body.access_rules[0].id,
    trusts: await make('OS-TRUST/trusts', 'trust', trust, token),
  }
}

async function makePlace(shared: Commons, at: { name: string; octet: number; domainId: string }): Promise<Place> {
  const { domainId } = at
  const estate = await makeEstate(the, shared, at)
  const roles = (await the.cloud.request('GET', '/identity/v3/roles?name=member', { as: 'admin@cloud' })).body.roles
  const identityIds = {
    domains: domainId,
    users: await make('users', 'user', { name: `somebody-${estate.marker}`, domain_id: domainId }),
    groups: await make('groups', 'group', { name: `some-${estate.marker}`, domain_id: domainId }),
    projects: estate.project,
    roles: roles[0].id,
    limits: await makeLimit(estate),
  }
  return { estate, domainId, identityIds }
}

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
function targetIn(place: Place, persona: Persona, service: string): Record<string, unknown> {
  const { estate, identityIds, domainId } = place
  const { project } = estate
  const userId = place === other ? identityIds['users'] : persona.userId
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
      limit: { project_id: project, project: { domain_id: domainId } },
      role: { domain_id: null, name: 'member' },
      credential: { user_id: userId },
      ...(service === 'identity' && identityIds['trusts'] ? { trust: { trustor_user_id: userId } } : {}),
      token: { user_id: userId },
    },
  }
}

/** parameters that name a word inside of what the path names before, and no thing of its own */
const words = new Set([':value', ':group', ':option', ':key', ':tag'])

/** The path with what the place has of each kind; `found` says that nothing in it is made up. */
function aimed(row: OperationRow, { estate, identityIds }: Place): { url: string; found: boolean } {
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
    .replace(/:(\w+)/g, (_, name: string) => (name === 'project_id' && service.type === 'block-storage' ? own.estate.project : absentId))
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
/** what is there, and another project's: allowed by the rule, and not found but by an admin */
const hidden = [{ pattern: /\/flavors\/[^/]+$/, reason: 'a private flavor is there for its projects alone' }]
/** Swift's owners are told that an account has no PUT: it is a reseller's */
const isNoMethod = ({ name }: OperationRow, status: number): boolean => status === 405 && name === 'PUT /object/v1/:account'
/** rules that look at the project of the path, which is nowhere when something would be changed */
const ofThePath = /auto-allocated-topology/
/** the rule that refused, by each service's words */
const refusing = /(?:action: |to complete |Policy doesn.t allow |rule:)([\w:-]+?)(?:\.| action| to be performed| is disallowed| and )/

/** body fields that say whose something new is to be, and what they name in a place */
const ownerFields: Record<string, (place: Place) => string | undefined> = {
  project_id: ({ estate }) => estate.project,
  tenant_id: ({ estate }) => estate.project,
  domain_id: ({ domainId }) => domainId,
  user_id: ({ identityIds }) => identityIds['users'],
  trustor_user_id: ({ identityIds }) => identityIds['users'],
}

/** The field of something new that says whose it is to be, where the API asks no owner's id in its path. */
function ownerField({ operation, path, service }: OperationRow): string[] | undefined {
  if (operation.method !== 'POST' || path.includes(':') || !operation.body || operation.stream) return undefined
  const fields = leaves(operation.body as Record<string, unknown>).filter((leaf) => lastName(leaf) in ownerFields)
  return service.type === 'identity' || service.type === 'network' ? fields[0] : undefined
}

/** what is sent otherwise than as JSON */
const typedBody = ({ operation, path }: OperationRow): { type: string; body: unknown } | null => {
  if (operation.stream && !isBodyless(operation)) return { type: 'application/octet-stream', body: Buffer.alloc(8) }
  return operation.method === 'PATCH' && path === '/image/v2/images/:id'
    ? { type: 'application/openstack-images-v2.1-json-patch', body: [{ op: 'replace', path: '/name', value: 'other' }] }
    : null
}

/** allowed, not, or nothing to be allowed in: a token of no project has no servers */
type Cell = '+' | '-' | '.'

/** How it was answered; `wrong` is null when that is as it should be. */
async function judge(row: OperationRow, persona: Persona, place: Place): Promise<{ wrong: string | null; cell: Cell }> {
  const no = (wrong: string | null) => ({ wrong, cell: '-' as const })
  const yes = (wrong: string | null) => ({ wrong, cell: '+' as const })
  const { operation } = row
  const rules = [operation.policy ?? '', ...(operation.orPolicies ?? [])]
  const reads = operation.method === 'GET' || operation.method === 'HEAD'
  const { url, found } = aimed(row, place)
  const owner = place === own ? undefined : ownerField(row)
  const sender = (): Sender => ({ ids: own.estate.ids, commons, serial: serial++ })
  const send = async (to: string) => {
    const typed = typedBody(row)
    const body =
      typed?.body ??
      (owner
        ? bodyWith(row, { path: owner, kind: 'project' }, ownerFields[lastName(owner)]?.(place) ?? absentId, sender())
        : plainBody(row, sender())) ??
      (operation.action === undefined ? undefined : { [operation.action]: null })
    const answer = await the.cloud.request(operation.method, to, {
      as: persona.token,
      headers: { ...versionHeaders(row), ...defined({ 'content-type': typed?.type }) },
      ...defined({ body }),
    })
    return { ...answer, said: `${persona.name}: ${answer.status} ${answer.text.slice(0, 160)}` }
  }
  if (!rules.some((rule) => upstream.maySatisfy(rule, persona.credentials))) {
    const answer = await send(url)
    return no(answer.status === 403 || isNoMethod(row, answer.status) ? null : `never allowed, ${answer.said}`)
  }
  const identity = row.service.type === 'identity'
  // whatever a token without any scope may do elsewhere, it has no project to do it in
  if (!identity && persona.credentials.project_id === null) return { wrong: null, cell: '.' }
  const target = identity && !found ? {} : targetIn(place, persona, row.service.type)
  const allows = (what: Record<string, unknown>) => rules.some((rule) => upstream.allows(rule, what, persona.credentials))
  if (allows(target)) {
    const answer = await send(reads ? url : nowhere(row))
    // of identity's things that are nowhere, Keystone asks without a target
    const surely = reads || (identity ? allows({}) : !ofThePath.test(url))
    const refused = answer.status === 403 ? refusing.exec(answer.text)?.[1] : undefined
    // an operation may ask for more than the rule that it declares: upstream must refuse that too
    const rightly =
      refused !== undefined && !rules.includes(refused) && upstream.has(refused) && !upstream.allows(refused, target, persona.credentials)
    if (answer.status === 401 || (surely && refused !== undefined && !rightly)) return yes(`allowed, ${answer.said}`)
    if (rightly) return no(null)
    // 400: its query lacks something; 410: it is gone for everybody
    const known = place === other ? [...absent, ...hidden] : absent
    const missing = answer.status >= 401 && answer.status !== 410 && !known.some(({ pattern }) => pattern.test(url))
    return yes(reads && found && missing ? `allowed, and there, ${answer.said}` : null)
  }
  const answer = await send(url)
  // a list tells what is allowed of it, if only nothing
  if (reads && answer.status === 200 && !row.path.includes('/:'))
    return no(answer.text.includes(place.estate.marker) ? `not allowed, and shown, ${answer.said}` : null)
  return no(answer.status === 403 || answer.status === 404 || answer.status === 400 ? null : `not allowed, ${answer.said}`)
}

/** A word of the golden file: allowed (`yes` where nothing is named), of the own domain and project, of oneself, or not at all. */
function cellOf({ ofOwn, ofOther, ofSelf }: { ofOwn: Cell; ofOther: Cell | null; ofSelf: Cell }): string {
  if (ofOther === '+' && ofOwn !== '+') return 'OTHERS ONLY'
  if (ofOwn === '+') return ofOther === null ? 'yes' : ofOther === '+' ? 'all' : 'own'
  return ofSelf === '+' ? 'self' : ofOwn
}

/** One line of the golden file: what each persona may do of the own things, and of others'. */
const lines = new Map<string, string[]>()

// the same operations stand below /v3 and /v3/:project_id: one of the two tells all
const rows = allOperations().filter(({ path }) => !path.includes('/v3/:project_id/'))
for (const row of rows.filter(({ operation }) => operation.policy !== null)) {
  const namesSomething = row.path.split('/').some((part) => part.startsWith(':') && !words.has(part)) || ownerField(row) !== undefined
  const namesUsers =
    row.service.type === 'identity' &&
    (/:(user|credential|application_credential|access_rule|trust)_id/.test(row.path) || lastName(ownerField(row) ?? []).endsWith('user_id'))
  test(`clients 1 personas: ${row.name}`, async () => {
    const wrong: string[] = []
    const cells: string[] = []
    for (const persona of people) {
      const ofOwn = await judge(row, persona, own)
      const ofOther = namesSomething ? await judge(row, persona, other) : ofOwn
      const self = { ...own, identityIds: { ...own.identityIds, ...mine.get(persona) } }
      const ofSelf = namesUsers && ofOwn.cell === '-' ? await judge(row, persona, self) : ofOwn
      cells.push(cellOf({ ofOwn: ofOwn.cell, ofOther: namesSomething ? ofOther.cell : null, ofSelf: ofSelf.cell }))
      if (ofOwn.wrong !== null) wrong.push(ofOwn.wrong)
      if (ofSelf.wrong !== null && ofSelf !== ofOwn) wrong.push(`of the persona itself: ${ofSelf.wrong}`)
      if (ofOther.wrong !== null && ofOther !== ofOwn) wrong.push(`of others: ${ofOther.wrong}`)
    }
    lines.set(row.name, cells)
    assert.deepEqual(wrong, [])
  })
}

test('clients 1 every persona may do what the golden matrix says, and no more', () => {
  const golden = join(import.meta.dirname, 'matrix.golden.tsv')
  const found = rows.map(({ name, operation }) => {
    const rules = [operation.policy ?? '(no token)', ...(operation.orPolicies ?? [])].join(' or ')
    return [name, rules, ...(operation.policy === null ? people.map(() => 'anyone') : (lines.get(name) ?? ['not asked']))].join('\t')
  })
  const now = `${[['operation', 'rule', ...people.map(({ name }) => name)].join('\t'), ...found.sort()].join('\n')}\n`
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, now)
  assert.ok(existsSync(golden), 'there is no golden matrix: UPDATE_GOLDEN=1 makes it')
  assert.equal(now, readFileSync(golden, 'utf8'))
})

test('F1 of all that identity’s paths leave to the personas they have something', () => {
  const held = new Set([...people].flatMap((persona) => Object.keys({ ...own.identityIds, ...mine.get(persona) })))
  const left = Object.entries(pathExceptions['identity'] ?? {}).filter(([, reason]) => reason === byPersonas)
  assert.deepEqual(
    left.map(([segment]) => segment).filter((segment) => !held.has(segment)),
    [],
  )
})

test('every rule that an operation names exists', () => {
  const known = new Policy()
  known.load(basePolicy)
  for (const { name, policy, policyScopes } of domains) known.load(policy, name, policyScopes)
  const named = rows.flatMap(({ operation }) => [operation.policy, ...(operation.orPolicies ?? [])]).filter((rule) => rule !== null)
  assert.deepEqual(
    named.filter((rule) => !known.has(rule)),
    [],
  )
})
