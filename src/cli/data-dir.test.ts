import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Complaint } from './complaint.ts'
import {
  dataDir,
  dataOption,
  forgetProcess,
  prepareDataDir,
  runningProcess,
  startTicksOf,
  takeDataDir,
  writeProcess,
  type DataDir,
} from './data-dir.ts'

function scratch(t: TestContext): DataDir {
  const path = mkdtempSync(join(tmpdir(), 'stackling-data-'))
  t.after(() => rmSync(path, { recursive: true }))
  const dir = dataDir(path)
  prepareDataDir(dir)
  return dir
}

const about = {
  url: 'http://127.0.0.1:9',
  publicUrl: 'http://127.0.0.1:9',
  drivers: 'fake',
  driversReason: 'a test',
  version: '0',
  startedAt: 'now',
} as const

/** Tries to take the directory in a process of its own; the exit code is 0 when it could. */
const takeElsewhere = (dir: DataDir) =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import { dataDir, takeDataDir } from ${JSON.stringify(join(import.meta.dirname, 'data-dir.ts'))}
    try { takeDataDir(dataDir(${JSON.stringify(dir.path)})) } catch (error) { console.log(error.message); process.exit(3) }
    if (process.argv[1] === 'die') process.kill(process.pid, 'SIGKILL')
  `,
      'die',
    ],
    { encoding: 'utf8' },
  )

test('a data directory is held by one process at a time', (t) => {
  const dir = scratch(t)
  const lock = takeDataDir(dir)
  writeProcess(dir, about)
  const second = takeElsewhere(dir)
  assert.equal(second.status, 3)
  assert.match(second.stdout, new RegExp(`in use by process ${process.pid} at http://127.0.0.1:9: stop it with`))
  assert.throws(() => takeDataDir(dir), Complaint)
  lock.release()
  takeDataDir(dir).release()
})

test('a process that is killed gives the directory back', (t) => {
  const dir = scratch(t)
  assert.equal(takeElsewhere(dir).signal, 'SIGKILL')
  takeDataDir(dir).release()
})

test('a running process is told from a dead one of the same number', (t) => {
  const dir = scratch(t)
  assert.equal(runningProcess(dir), null)
  writeProcess(dir, about)
  assert.equal(runningProcess(dir)?.pid, process.pid)
  const record = JSON.parse(readFileSync(dir.processFile, 'utf8'))
  writeFileSync(dir.processFile, JSON.stringify({ ...record, startTicks: '1' }))
  assert.equal(runningProcess(dir), null)
  forgetProcess(dir)
  forgetProcess(dir)
  assert.equal(runningProcess(dir), null)
  assert.equal(startTicksOf(2 ** 22 + 1), null)
})

test('a command that a message names says which directory, so that a shell takes it', () => {
  assert.deepEqual([dataDir(undefined), dataDir('/srv/cloud-1'), dataDir('/srv/my $cloud')].map(dataOption), [
    '',
    ' --data /srv/cloud-1',
    ' --data "/srv/my \\$cloud"',
  ])
})
