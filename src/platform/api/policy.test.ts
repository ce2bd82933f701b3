import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Policy, PolicySyntaxError, type Check, type Credentials } from './policy.ts'

const token = (more: Partial<Credentials> = {}): Credentials => ({
  roles: ['Member', 'reader'],
  user_id: 'u1',
  project_id: 'p1',
  domain_id: null,
  user_domain_id: 'd1',
  project_domain_id: 'd1',
  system_scope: null,
  is_admin: false,
  token: { project: { domain: { id: 'd1' } } },
  groups: ['g1', 'g2'],
  list: [{ id: 'x' }, { id: 'y' }],
  ...more,
})
const decide = (rule: string, target: Record<string, unknown> = {}, held = token()) => compile(rule)(target, held, (name) => name === 'yes')

/** rule, target, what oslo.policy 4.0 decides for the token above */
const golden: [rule: string, target: Record<string, unknown>, allowed: boolean][] = [
  ['', {}, true],
  ['@', {}, true],
  ['!', {}, false],
  ['role:member', {}, true],
  ['role:MEMBER', {}, true],
  ['role:admin', {}, false],
  ['role:%(wanted)s', { wanted: 'Reader' }, true],
  ['role:%(wanted)s', {}, false],
  ['project_id:%(project_id)s', { project_id: 'p1' }, true],
  ['project_id:%(project_id)s', { project_id: 'p2' }, false],
  ['project_id:%(project_id)s', {}, false],
  ['project_id:p1', {}, true],
  ["project_id:'p1'", {}, false],
  ['domain_id:None', {}, true],
  ['domain_id:%(domain)s', { domain: null }, true],
  ['None:%(domain)s', { domain: null }, true],
  ["'public':%(visibility)s", { visibility: 'public' }, true],
  ['True:%(enabled)s', { enabled: true }, true],
  ['True:%(enabled)s', { enabled: 'true' }, false],
  ['is_admin:False', {}, true],
  ['is_admin:1', {}, false],
  ['token.project.domain.id:%(target.domain.id)s', { 'target.domain.id': 'd1' }, true],
  ['token.project.domain.id:%(target.domain.id)s', { target: { domain: { id: 'd1' } } }, true],
  ['groups:%(group)s', { group: 'g2' }, true],
  ['list.id:%(group)s', { group: 'y' }, true],
  ['rule:yes', {}, true],
  ['rule:no_such_rule', {}, false],
  ['not rule:no_such_rule', {}, true],
  ['role:admin or role:reader and project_id:p1', {}, true],
  ['role:reader or role:admin and project_id:p2', {}, true],
  ['(role:reader or role:admin) and project_id:p2', {}, false],
  ['not role:admin and role:reader', {}, true],
  ['not (role:reader and role:member)', {}, false],
  ['role:reader AND NOT role:admin', {}, true],
  ['unknown_kind:value', {}, false],
]

test('decides as oslo.policy does', () => {
  for (const [rule, target, allowed] of golden) assert.equal(decide(rule, target), allowed, `${rule} on ${JSON.stringify(target)}`)
})

test('F2: without a target a rule says what the token alone decides', () => {
  const known: [rule: string, decided: boolean | undefined][] = [
    ['@', true],
    ['!', false],
    ['role:member', true],
    ['role:admin', false],
    ['role:%(wanted)s', undefined],
    ['is_admin:False', true],
    ['domain_id:None', true],
    ['project_id:%(project_id)s', undefined],
    ['field:networks:shared=True', undefined],
    ['role:member and project_id:%(project_id)s', undefined],
    ['role:admin and project_id:%(project_id)s', false],
    ['project_id:%(project_id)s and role:admin', false],
    ['role:admin or project_id:%(project_id)s', undefined],
    ['project_id:%(project_id)s or role:member', true],
    ['role:member or project_id:%(project_id)s', true],
    ['not project_id:%(project_id)s', undefined],
    ['not role:member', false],
    ['rule:yes', true],
    ['rule:no_such_rule', false],
    ['rule:no_such_rule or None:%(x)s', undefined],
    ["'public':%(visibility)s and not role:reader", false],
  ]
  for (const [rule, decided] of known)
    assert.equal(
      compile(rule)(null, token(), (name) => name === 'yes'),
      decided,
      rule,
    )
})

test('F2: a set of rules says whether a token could satisfy one at all, through the rules that it names', () => {
  const policy = new Policy()
  policy.load({
    owner: 'project_id:%(project_id)s',
    member_api: 'role:member and rule:owner',
    admin_api: 'role:admin',
    either: 'rule:member_api or rule:admin_api',
  })
  const may = (rule: string, roles: string[]) => policy.maySatisfy(rule, token({ roles }))
  assert.deepEqual(
    [may('either', ['member']), may('either', ['admin']), may('either', ['reader']), may('either', [])],
    [true, true, false, false],
  )
  assert.deepEqual([may('owner', []), may('admin_api', ['member']), may('no_such_rule', ['admin'])], [true, false, false])
})

test('F2: what the coarse question refuses, no target would have been allowed', () => {
  const leaf = fc.constantFrom(
    'role:member',
    'role:admin',
    'role:%(r)s',
    'project_id:%(p)s',
    'domain_id:None',
    'None:%(p)s',
    'field:x:p=p1',
    '@',
    '!',
    'rule:yes',
    'rule:no',
  )
  const { rule } = fc.letrec<{ rule: string }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(tie('rule'), fc.constantFrom('and', 'or'), tie('rule')).map(([a, word, b]) => `(${a} ${word} ${b})`),
      tie('rule').map((inner) => `not ${inner}`),
    ),
  }))
  const target = fc.record({ p: fc.constantFrom('p1', 'p2', null), r: fc.constantFrom('member', 'admin') }, { requiredKeys: [] })
  fc.assert(
    fc.property(rule, target, (text, given) => {
      const coarse = compile(text)(null, token(), (name) => name === 'yes')
      if (coarse !== undefined) assert.equal(decide(text, given), coarse, text)
    }),
  )
})

test('refuses what is not a rule', () => {
  for (const rule of ['role', 'role:a and', '(role:a', 'role:a)', 'role:a role:b', 'or role:a', 'https://example.org/check']) {
    assert.throws(() => compile(rule), PolicySyntaxError, rule)
  }
})

interface Formula {
  text: string
  holds: boolean
}
const leaf: fc.Arbitrary<Formula> = fc.constantFrom(
  { text: '@', holds: true },
  { text: '!', holds: false },
  { text: 'role:reader', holds: true },
  { text: 'role:admin', holds: false },
  { text: 'user_id:%(user_id)s', holds: true },
  { text: 'rule:yes', holds: true },
  { text: 'rule:gone', holds: false },
)
const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('formula').map(({ text, holds }) => ({ text: `not (${text})`, holds: !holds })),
    fc.tuple(tie('formula'), tie('formula')).map(([a, b]) => ({ text: `(${a.text}) and (${b.text})`, holds: a.holds && b.holds })),
    fc.tuple(tie('formula'), tie('formula')).map(([a, b]) => ({ text: `(${a.text}) or (${b.text})`, holds: a.holds || b.holds })),
  ),
}))

test('any nesting of and, or and not means what logic says', () => {
  fc.assert(fc.property(formula, ({ text, holds }) => decide(text, { user_id: 'u1' }) === holds))
})

test('and binds closer than or, whatever is around', () => {
  const both = fc.property(
    leaf,
    leaf,
    leaf,
    (a, b, c) => decide(`${a.text} or ${b.text} and ${c.text}`, { user_id: 'u1' }) === (a.holds || (b.holds && c.holds)),
  )
  fc.assert(both)
})

test('reading any text ends in a rule or in PolicySyntaxError', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      let check: Check
      try {
        check = compile(text)
      } catch (error) {
        return error instanceof PolicySyntaxError
      }
      return typeof check({}, token(), () => false) === 'boolean'
    }),
  )
})

const sets = (): Policy => {
  const policy = new Policy()
  policy.load({ owner: 'project_id:%(project_id)s', admin_required: 'role:admin' })
  policy.load({ owner: 'user_id:%(user_id)s', 'identity:act': 'rule:owner' }, 'identity')
  policy.load({ 'os_compute_api:act': 'rule:owner', act: 'rule:admin_required' }, 'compute')
  return policy
}

test('a helper rule of one domain is not that of another', () => {
  const policy = sets()
  assert.equal(policy.allows('identity:act', { user_id: 'u1' }, token()), true)
  assert.equal(policy.allows('identity:act', { project_id: 'p1' }, token()), false)
  assert.equal(policy.allows('os_compute_api:act', { project_id: 'p1' }, token()), true)
})

test('attack-25: a rule that does not exist denies', () => {
  assert.equal(sets().allows('os_compute_api:no_such_action', {}, token({ roles: ['admin'] })), false)
  assert.equal(sets().allows('identity:no_such_action', {}, token({ roles: ['admin'] })), false)
})

test('an operator’s file in YAML, JSON or list form overrides rules of its domain alone', () => {
  const policy = sets()
  const yaml = [
    '# comment',
    '"identity:act": "role:operator or',
    '  rule:owner"',
    '"identity:listed": [["role:a", "role:b"], ["role:reader"]]',
    '"identity:open": ""',
    '',
  ].join('\n')
  assert.deepEqual(policy.loadFile(yaml, 'identity'), [])
  assert.equal(policy.allows('identity:act', {}, token({ roles: ['operator'] })), true)
  assert.equal(policy.allows('identity:listed', {}, token()), true)
  assert.equal(policy.allows('identity:listed', {}, token({ roles: ['a'] })), false)
  assert.equal(policy.allows('identity:open', {}, token({ roles: [] })), true)
  assert.deepEqual(policy.loadFile('{"admin_required": "role:boss"}', 'compute'), [])
  assert.equal(policy.allows('act', {}, token({ roles: ['boss'] })), true)
  assert.equal(policy.allows('admin_required', {}, token({ roles: ['boss'] })), false)
})

test('a file over a copy of rules leaves those that were copied as they are', () => {
  const own = sets()
  const copy = new Policy(own)
  assert.deepEqual(copy.loadFile('{"owner": "role:boss"}', 'identity'), [])
  assert.equal(copy.allows('identity:act', { user_id: 'u1' }, token()), false)
  assert.equal(copy.allows('identity:act', {}, token({ roles: ['boss'] })), true)
  assert.equal(own.allows('identity:act', { user_id: 'u1' }, token()), true)
  assert.deepEqual(copy.names(), own.names())
})

test('a rule in a file that cannot be read denies and is named', () => {
  const policy = sets()
  const faults = policy.loadFile('"identity:act": "role:reader and"\n"identity:other": 7\n"identity:third": "rule:nowhere"\n', 'identity')
  assert.deepEqual(
    faults.map((fault) => fault.rule),
    ['identity:act', 'identity:other', 'identity:third'],
  )
  for (const rule of ['identity:act', 'identity:other', 'identity:third'])
    assert.equal(policy.allows(rule, { user_id: 'u1' }, token()), false)
})

test('rules that refer to each other in a circle deny instead of running for ever', () => {
  const policy = sets()
  const faults = policy.loadFile('a: "not rule:b"\nb: "rule:a"\n"identity:act": "rule:a or role:reader"\n', 'identity')
  assert.deepEqual(
    faults.map((fault) => fault.rule),
    ['a'],
  )
  assert.equal(policy.allows('identity:act', {}, token({ roles: ['nobody'] })), false)
  assert.equal(policy.allows('identity:act', {}, token()), true)
  assert.throws(() => new Policy().load({ a: 'rule:a' }), PolicySyntaxError)
})

test('a file that is no mapping is refused whole', () => {
  assert.throws(() => sets().loadFile('- a\n- b\n', 'identity'), PolicySyntaxError)
})

test('clients 1 a rule holds for tokens of its scopes alone, whatever an operator’s file makes of it; the cloud itself has none', () => {
  const policy = new Policy()
  policy.load({ helper: 'role:admin', act: 'rule:helper', whole: 'rule:act' }, 'image', {
    usual: ['project'],
    but: { helper: null, whole: ['system', 'project'] },
  })
  const [inProject, inDomain] = [token({ roles: ['admin'] }), token({ roles: ['admin'], project_id: null, domain_id: 'd1' })]
  const inSystem = token({ roles: ['admin'], project_id: null, system_scope: 'all' })
  const decided = () => ['act', 'helper', 'whole'].map((rule) => [inProject, inDomain, inSystem].map((who) => policy.allows(rule, {}, who)))
  // only the rule that is asked is held to its scopes
  assert.deepEqual(decided(), [
    [true, false, false],
    [true, true, true],
    [true, false, true],
  ])
  policy.loadFile('act: "@"', 'image')
  assert.deepEqual(decided(), [
    [true, false, false],
    [true, true, true],
    [true, false, true],
  ])
  assert.equal(policy.allows('act', {}, { ...inSystem, is_cloud: true }), true)
})

test('a helper rule that an operation asks is that of its own domain’s file', () => {
  const policy = sets()
  policy.loadFile('admin_required: "role:boss"', 'compute')
  const boss = token({ roles: ['boss'] })
  assert.equal(policy.allows('admin_required', {}, boss, 'os_compute_api:act'), true)
  assert.equal(policy.allows('admin_required', {}, boss, 'identity:act'), false)
})
