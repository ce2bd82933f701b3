// `stackling fsck` as a script sees it: its exit code says whether anything differs, its text what.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { run } from '../e2e/place.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

test('0: nothing differs; 1: something does, until --repair has mended it; 2: nothing runs there', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-fsck-'))
  const command = (...words: string[]) => run([process.execPath, main, ...words, '--data', dataDir], { timeoutMs: 120_000 })
  const fsck = (...words: string[]) => command('fsck', ...words)
  t.after(async () => {
    await command('down')
    rmSync(dataDir, { recursive: true, force: true })
  })
  const none = await fsck()
  assert.equal(none.code, 2)
  assert.match(none.stderr, /^stackling: nothing runs on .*: start it with '.\/stackling up --data .*'.*\n$/)
  const up = await command('up', '--drivers', 'fake', '--listen', `127.0.0.1:${await freePort()}`, '--detach')
  assert.equal(up.code, 0, up.stderr)
  assert.deepEqual(await fsck(), { code: 0, stdout: 'Nothing differs.\n', stderr: '' })
  breakRows(dataDir)
  const broken = await fsck()
  assert.equal(broken.code, 1, broken.stderr)
  assert.match(
    broken.stdout,
    /^server stray \(allocations\)\n {2}is: {5}it holds an allocation, and is neither a server nor a move that is open\n/,
  )
  assert.match(
    broken.stdout,
    /\nconsumer stray \(timeline\)\n {2}is: {5}the timeline knows nothing of it\n[^]*\n2 differences; '--repair' mends them\.\n$/,
  )
  const repaired = await fsck('--repair')
  assert.equal(repaired.code, 0, repaired.stderr)
  assert.match(
    repaired.stdout,
    / {2}repair: done: release the allocation\n\nconsumer stray \(timeline\)\n[^]* {2}repair: done: [^]*\n\n2 mended, nothing differs any more\.\n$/,
  )
  assert.deepEqual(await fsck(), { code: 0, stdout: 'Nothing differs.\n', stderr: '' })
})

/** Past the process that runs. */
function breakRows(dataDir: string): void {
  const db = new DatabaseSync(join(dataDir, 'stackling.db'), { timeout: 5_000 })
  db.exec(
    "insert into consumers (id, project_id, user_id, generation, consumer_type, created_at) values ('stray', 'p', 'u', 1, 'INSTANCE', '')",
  )
  db.exec(
    "insert into allocations (consumer_id, provider_id, resource_class, used, created_at) select 'stray', id, 'VCPU', 1, '' from resource_providers",
  )
  db.close()
}
