import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { s3Door } from './s3-listen.ts'

const address = '127.0.0.1'
const settings = { s3PublicUrl: null, s3Tls: null }
let dataDir: string
before(() => void (dataDir = mkdtempSync(join(tmpdir(), 'stackling-s3-'))))
after(() => rmSync(dataDir, { recursive: true, force: true }))

/** Takes a port and the one after it. */
async function two(): Promise<{ port: number; free(): void }> {
  for (;;) {
    const first = await open(0)
    const { port } = first.address() as AddressInfo
    const second = await open(port + 1).catch(() => null)
    if (second) return { port, free: () => [first, second].forEach((server) => server.close()) }
    first.close()
  }
}
const open = (port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, address, () => resolve(server))
  })

test('the S3 API takes the port after, or the next free one, and keeps it', async () => {
  const taken = await two()
  const ask = () => s3Door({ option: undefined, dataDir, listen: { address, port: taken.port }, publicUrl: undefined, settings })
  const door = await ask()
  assert.ok(door && door.listen.port > taken.port + 1)
  assert.equal(door.publicUrl, `http://${address}:${door.listen.port}`)
  assert.equal(readFileSync(join(dataDir, 's3-listen'), 'utf8'), `${door.listen.port}\n`)
  taken.free()
  assert.deepEqual(await ask(), door)
  // somebody else has it meanwhile
  const other = await open(door.listen.port)
  assert.notEqual((await ask())?.listen.port, door.listen.port)
  other.close()
})

test('the S3 API is where it is told to be, and says its name as the other APIs do', async () => {
  const taken = await two()
  const ask = (option: string, publicUrl?: string, s3PublicUrl: string | null = null) =>
    s3Door({ option, dataDir, listen: { address, port: 9000 }, publicUrl, settings: { ...settings, s3PublicUrl } })
  await assert.rejects(ask(`${address}:${taken.port}`), { code: 'EADDRINUSE' })
  taken.free()
  const at = `${address}:${taken.port}`
  assert.equal((await ask(at, 'https://cloud.example/x'))?.publicUrl, `http://cloud.example:${taken.port}`)
  assert.equal((await ask(at, 'https://cloud.example/x', 'https://s3.example'))?.publicUrl, 'https://s3.example')
  assert.equal(await ask('off'), null)
  await assert.rejects(ask('nonsense'), /--s3-listen nonsense/)
  await assert.rejects(ask('9000'), /needs one to itself/)
})
