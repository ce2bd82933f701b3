// The real network driver against the kernel: each lab file runs in a network namespace of its own without a way
// out. Needs root and the Debian packages of the real drivers.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from './run.ts'

const folder = join(import.meta.dirname, '..', '..', '..', 'test', 'support', 'network-lab')
const canRun = process.getuid?.() === 0 && process.platform === 'linux'

for (const file of readdirSync(folder).filter((name) => name.endsWith('.lab.ts'))) {
  test(file, { skip: canRun ? false : 'needs root', timeout: 120_000 }, async () => {
    const lab = `lab${process.pid}-${file.split('.')[0]}`
    await run(['ip', 'netns', 'add', lab])
    try {
      await run(['ip', '-n', lab, 'link', 'set', 'lo', 'up'])
      const { code, text } = await inNamespace(lab, ['--test', '--test-reporter=spec', join(folder, file)])
      assert.equal(code, 0, text)
    } finally {
      await run(['ip', 'netns', 'del', lab])
    }
  })
}

test(
  'a driver that starts again in another mount namespace finds its namespaces and daemons',
  { skip: canRun ? false : 'needs root', timeout: 120_000 },
  async () => {
    const lab = `lab${process.pid}-nested`
    const dataDir = mkdtempSync(join(tmpdir(), 'stackling-nested-'))
    await run(['ip', 'netns', 'add', lab])
    try {
      const life = (ending: string) => inNamespace(lab, [join(folder, 'nested.ts'), dataDir, ending])
      const first = await life('leave')
      assert.equal(first.code, 0, first.text)
      const second = await life('remove')
      assert.equal(second.code, 0, second.text)
      const [before = '', [after = '', left = ''] = []] = [first.text.trim(), second.text.trim().split('\n')]
      assert.equal(after, before)
      assert.match(before, /"router":"up"/)
      assert.deepEqual(JSON.parse(left), { bridges: [], taps: [], namespaces: [], processes: [], tables: [] })
    } finally {
      await run(['ip', 'netns', 'del', lab])
      rmSync(dataDir, { recursive: true })
    }
  },
)

/** `ip netns exec`, as a user would: the driver must work with a mount namespace of its own, too. */
function inNamespace(lab: string, args: string[]): Promise<{ code: number | null; text: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn('ip', ['netns', 'exec', lab, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    timeout: 100_000,
    killSignal: 'SIGKILL',
  })
  const parts: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => parts.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text: Buffer.concat(parts).toString() }))
  })
}
