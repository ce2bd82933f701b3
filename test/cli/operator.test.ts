// What an operator needs no password for, and what passwords that were changed survive.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { dataDir as dirOf, writeProcess } from '../../src/cli/data-dir.ts'
import { run } from '../e2e/place.ts'
import { logIn } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

async function cloudOf(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-operator-'))
  const command = (...words: string[]) => run([process.execPath, main, ...words, '--data', dataDir], { timeoutMs: 120_000 })
  t.after(async () => {
    await command('down')
    rmSync(dataDir, { recursive: true, force: true })
  })
  const port = await freePort()
  const up = async (...words: string[]) => {
    const ran = await command('up', '--drivers', 'fake', '--listen', `127.0.0.1:${port}`, '--detach', ...words)
    assert.equal(ran.code, 0, ran.stderr)
    return ran.stdout
  }
  return { dataDir, command, up, port }
}

test('first use 6: operator commands need no password, one that was changed stays, and a lost one is reset', async (t) => {
  const { dataDir, command, up } = await cloudOf(t)
  await up()
  const admin = await logIn(dataDir)
  const { users } = await admin.must('GET', '/identity/v3/users?name=admin')
  await admin.must('PATCH', `/identity/v3/users/${users[0].id}`, { user: { password: 'a-new-one' } })
  for (const words of [['status'], ['work'], ['fsck']]) {
    const ran = await command(...words)
    assert.equal(ran.code, 0, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`)
  }
  assert.match((await command('status')).stdout, /holds {5}\d+ projects/)
  assert.match((await command('why', 'nothing')).stderr, /nothing is known of nothing/)

  const path = join(dataDir, 'clouds.yaml')
  const clouds = parse(readFileSync(path, 'utf8'))
  clouds.clouds['stackling-admin'].auth.password = 'a-new-one'
  clouds.clouds['mine'] = { auth: { auth_url: 'https://elsewhere' } }
  writeFileSync(path, stringify(clouds))
  await command('down')
  await up()
  await logIn(dataDir)
  assert.equal(parse(readFileSync(path, 'utf8')).clouds.mine.auth.auth_url, 'https://elsewhere')

  const reset = await command('password')
  assert.equal(reset.code, 0, reset.stderr)
  assert.match(reset.stdout, /^the new password of admin: \S{20}\n/)
  await logIn(dataDir)
  assert.equal((await command('password', 'demo')).code, 0)
  await logIn(dataDir, 'stackling-demo')
  assert.match((await command('password', 'nobody-at-all')).stderr, /there is no user nobody-at-all/)
})

test('first use 6: the key opens the cloud that it was made for, and no longer than it runs', async (t) => {
  const { dataDir, command, up, port } = await cloudOf(t)
  await up()
  const key = readFileSync(join(dataDir, 'operator-key'), 'utf8').trim()
  const ask = async (token: string) =>
    (await fetch(`http://127.0.0.1:${port}/operations/work`, { headers: { 'x-auth-token': token } })).status
  assert.equal(await ask(key), 200)
  assert.equal(await ask(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`), 401)
  await command('down')
  await up()
  assert.equal(await ask(key), 401)
})

test('first use 8: of a cloud that does not answer yet, or no more, commands say so in a line, without a stack', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-silent-'))
  t.after(() => rmSync(dataDir, { recursive: true }))
  const dir = { ...dirOf(dataDir), isDefault: false }
  writeProcess(dir, {
    url: `http://127.0.0.1:${await freePort()}`,
    publicUrl: 'http://x',
    drivers: 'fake',
    driversReason: 'a test',
    version: '0',
    startedAt: 'now',
  })
  for (const words of [['status'], ['why', 'x'], ['work'], ['fsck'], ['password']]) {
    for (const key of [false, true]) {
      if (key) writeFileSync(join(dataDir, 'operator-key'), 'operator-x\n')
      const ran = await run([process.execPath, main, ...words, '--data', dataDir], { timeoutMs: 60_000 })
      assert.notEqual(ran.code, 0)
      assert.doesNotMatch(ran.stdout + ran.stderr, /^ +at |node:internal/m, words.join(' '))
      rmSync(join(dataDir, 'operator-key'), { force: true })
    }
  }
})

test('first use 3: catalog, links and log-in data say the public URL; operator commands go the near way', async (t) => {
  const { dataDir, command, up, port } = await cloudOf(t)
  const greeting = await up('--public-url', 'https://cloud.example/one/')
  assert.match(greeting, /^Stackling is up at https:\/\/cloud\.example\/one$/m)
  const clouds = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')).clouds
  assert.equal(clouds['stackling-admin'].auth.auth_url, 'https://cloud.example/one/identity/v3')
  const key = readFileSync(join(dataDir, 'operator-key'), 'utf8').trim()
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'x-auth-token': key } })).text()
  assert.match(await ask('/compute/v2.1/flavors?limit=1'), /https:\/\/cloud\.example\/one\/compute\/v2\.1\/flavors\?limit=1&marker=/)
  assert.match(await ask('/identity/v3'), /"https:\/\/cloud\.example\/one\/identity\/v3\/"/)
  for (const [path, base] of [
    ['/network/v2.0/networks?limit=1', 'network'],
    ['/volume/v3/types?limit=1', 'volume'],
    ['/image/v2/images', 'image'],
  ] as const) {
    const text = await ask(path)
    assert.ok(!text.includes('127.0.0.1'), `${base}: ${text.slice(0, 400)}`)
  }
  const status = await command('status')
  assert.equal(status.code, 0, status.stdout)
  assert.match(status.stdout, /public {4}https:\/\/cloud\.example\/one/)
})

test('first use 3: who listens beyond loopback is warned', async (t) => {
  const { dataDir } = await cloudOf(t)
  const port = await freePort()
  const ran = await run([process.execPath, main, 'up', '--data', dataDir, '--drivers', 'fake', '--listen', `0.0.0.0:${port}`, '--detach'], {
    timeoutMs: 120_000,
  })
  assert.equal(ran.code, 0, ran.stderr)
  assert.match(ran.stdout, /WARNING: .* without TLS/)
  assert.match(ran.stdout, /WARNING: .*--public-url/)
})

test('first use 16: a directory that cannot be made is said at once', async (t) => {
  const port = await freePort()
  for (const path of ['/proc/x', '/proc/1/x/y', '/sys/x']) {
    const ran = await run([process.execPath, main, 'up', '--drivers', 'fake', '--data', path, '--listen', `127.0.0.1:${port}`], {
      timeoutMs: 60_000,
    })
    assert.equal(ran.code, 1, `${path}: ${ran.code} ${ran.stderr}`)
    assert.match(ran.stderr, /^stackling: .*choose another --data\n$/)
  }
  t.diagnostic('three places')
})

test('first use 20: --version, and help with examples', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
  assert.match(
    (await run([process.execPath, main, '--version'])).stdout,
    new RegExp(`^stackling ${version.replaceAll('.', String.raw`\.`)} `),
  )
  const help = await run([process.execPath, main, 'help'])
  assert.match(help.stdout, /Examples:\n[\s\S]*up --detach/)
  assert.equal((await run([process.execPath, main, '--help'])).code, 0)
})

test('first use 20: help and version are told before anything is brought', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-bare-'))
  t.after(() => rmSync(scratch, { recursive: true }))
  const repository = join(import.meta.dirname, '..', '..')
  for (const path of ['stackling', 'package.json', 'src/cli']) cpSync(join(repository, path), join(scratch, path), { recursive: true })
  for (const words of [[], ['--help'], ['help']]) {
    const { code, stdout, stderr } = await run([join(scratch, 'stackling'), ...words])
    assert.deepEqual([code, stderr], [0, ''])
    const { stdout: whole } = await run([process.execPath, main, 'help'])
    const commands = [...whole.matchAll(/^ {2}(\w+) .*$/gm)].map(([, name]) => name).filter((name) => name !== 'help')
    for (const name of commands) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    assert.match(stdout, /Examples:/)
  }
  assert.match((await run([join(scratch, 'stackling'), '--version'])).stdout, /^stackling \d+\.\d+\.\d+ /)
  assert.equal(existsSync(join(scratch, 'node_modules')), false)
})

test('F26: the command writes no predictable name into a directory that others write to', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'stackling'), 'utf8')
  for (const line of text.split('\n').filter((each) => /TMPDIR|\/tmp\b/.test(each) && !each.trim().startsWith('#')))
    assert.match(line, /\$\(mktemp (-d )?"\$\{TMPDIR:-\/tmp\}\//, line)
  const made = [...text.matchAll(/(\w+)=\$\(mktemp "/g)].map(([, name]) => name)
  for (const name of made) assert.doesNotMatch(text, new RegExp(String.raw`\$\{?${name}\}?\.\w`), `a name is made beside $${name}`)
})
