import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Policy } from '../platform/api/policy.ts'
import { silentLog } from '../platform/log.ts'
import { loadPolicyFiles, PolicyFileError } from './policy-files.ts'

test('a file in the data directory overrides its domain’s rules; no file changes nothing', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'policy-'))
  try {
    const policy = new Policy()
    policy.load({ 'identity:act': 'role:admin' }, 'identity')
    policy.load({ 'compute:act': 'role:admin' }, 'compute')
    loadPolicyFiles(policy, ['identity', 'compute'], { dataDir, log: silentLog })
    mkdirSync(join(dataDir, 'policy'))
    writeFileSync(join(dataDir, 'policy', 'identity.yaml'), '# ours\n"identity:act": "role:operator"\n')
    loadPolicyFiles(policy, ['identity', 'compute'], { dataDir, log: silentLog })
    const operator = {
      roles: ['operator'],
      user_id: 'u',
      project_id: null,
      domain_id: null,
      user_domain_id: null,
      project_domain_id: null,
      system_scope: null,
    }
    assert.deepEqual([policy.allows('identity:act', {}, operator), policy.allows('compute:act', {}, operator)], [true, false])
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

for (const [name, content, reason] of [
  ['identity.yaml', '"identity:act": "role:', /identity\.yaml is no policy file: Missing closing .*Mend it/],
  ['identity.json', '["identity:act"]', /identity\.json is no policy file: a policy file maps/],
  ['nova.yaml', '"compute:act": "!"', /nova\.yaml is read by no service: name it identity\.yaml, compute\.yaml/],
  ['compute.yml', '"compute:act": "!"', /compute\.yml is read by no service/],
] as const) {
  test(`a policy file that cannot be taken is said in one line, with what to do: ${name}`, () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'policy-'))
    try {
      mkdirSync(join(dataDir, 'policy'))
      writeFileSync(join(dataDir, 'policy', name), content)
      const load = () => loadPolicyFiles(new Policy(), ['identity', 'compute'], { dataDir, log: silentLog })
      assert.throws(load, (error: Error) => error instanceof PolicyFileError && reason.test(error.message) && !error.message.includes('\n'))
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
}
