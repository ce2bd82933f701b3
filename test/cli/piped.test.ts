// What a command says may go to somebody who stops reading: it goes on to its end all the same.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../e2e/place.ts'
import { freePort } from '../support/free-port.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

test('up --detach whose output nobody reads to the end brings the cloud up and says nothing else', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-piped-'))
  const stackling = (words: string) => run(['bash', '-c', `set -o pipefail; "$0" "$1" ${words}`, process.execPath, main, dataDir])
  t.after(async () => {
    await stackling('down --data "$2"')
    rmSync(dataDir, { recursive: true, force: true })
  })
  const { code, stderr } = await stackling(`up --detach --drivers fake --data "$2" --listen 127.0.0.1:${await freePort()} | head -0`)
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.equal((await stackling('status --data "$2"')).code, 0)
})
