// Who may do what: every operation's declared rule, decided for each persona on its own project's things and on
// another project's. The golden file is the agreed answer; a change of it is a change of policy and must be meant.
// UPDATE_GOLDEN=1 writes it anew.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { basePolicy } from '../../src/platform/api/base-policy.ts'
import { Policy, type Credentials } from '../../src/platform/api/policy.ts'
import { domains } from '../../src/server/domains.ts'
import { allOperations } from './operations.ts'

const golden = join(import.meta.dirname, 'role-matrix.golden.tsv')
const personas: Record<string, string[]> = {
  admin: ['admin', 'manager', 'member', 'reader'],
  manager: ['manager', 'member', 'reader'],
  member: ['member', 'reader'],
  reader: ['reader'],
  service: ['service'],
  none: [],
}

const credentials = (roles: string[]): Credentials => ({
  roles,
  user_id: 'u1',
  project_id: 'p1',
  tenant_id: 'p1',
  domain_id: null,
  user_domain_id: 'd1',
  project_domain_id: 'd1',
  system_scope: null,
  is_admin: roles.includes('admin'),
  is_admin_project: true,
})

/** A row that belongs to the project and user, by every name that rules use for them. */
function target(project: string, user: string, domain: string): Record<string, unknown> {
  const owned = { project_id: project, tenant_id: project, user_id: user, domain_id: domain, id: project }
  return {
    ...owned,
    owner: project,
    target: {
      project: { id: project, domain_id: domain },
      user: { id: user, domain_id: domain },
      domain_id: domain,
      role: { domain_id: null, name: 'member' },
      trust: { trustor_user_id: user },
      credential: { user_id: user },
      token: { user_id: user },
      group: { domain_id: domain },
    },
    user: { id: user, domain_id: domain },
    network: owned,
    ...Object.fromEntries(
      ['network', 'ext_parent', 'security_group'].flatMap((parent) => [
        [`${parent}:tenant_id`, project],
        [`${parent}:project_id`, project],
      ]),
    ),
  }
}

function matrix(): string {
  const policy = new Policy()
  policy.load(basePolicy)
  for (const domain of domains) {
    policy.load(basePolicy, domain.name)
    policy.load(domain.policy, domain.name, domain.policyScopes)
  }
  const lines = [['operation', 'rule', ...Object.keys(personas)].join('\t')]
  for (const { operation, name } of allOperations()) {
    if (operation.policy === null) {
      lines.push([name, '(no token)', ...Object.keys(personas).map(() => 'anyone')].join('\t'))
      continue
    }
    const rule = operation.policy
    const decisions = Object.values(personas).map((roles) => {
      const own = policy.allows(rule, target('p1', 'u1', 'd1'), credentials(roles))
      const other = policy.allows(rule, target('p2', 'u2', 'd2'), credentials(roles))
      return own ? (other ? 'all' : 'own') : other ? 'OTHERS ONLY' : '-'
    })
    lines.push([name, policy.has(rule) ? rule : `${rule} (MISSING)`, ...decisions].join('\t'))
  }
  return `${lines.join('\n')}\n`
}

test('every persona may do what the golden matrix says, and no more', () => {
  const now = matrix()
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, now)
  assert.ok(existsSync(golden), 'there is no golden matrix: UPDATE_GOLDEN=1 makes it')
  assert.equal(now, readFileSync(golden, 'utf8'))
})

test('every rule that an operation names exists', () => {
  assert.deepEqual(
    matrix()
      .split('\n')
      .filter((line) => line.includes('(MISSING)')),
    [],
  )
})
