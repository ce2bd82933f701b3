// A suspended guest's memory as a file. QEMU 7.2 under its sandbox can neither spawn a program nor open a file for
// this, so it migrates into a UNIX socket of ours and the stream is written here, synced, before the process ends.
// Waking up is the same the other way round. The file is gone before the guest runs on: its disks move away from it.
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, open, rename, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Clock, delay } from '../../platform/clock.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { fileFailure } from '../tools.ts'
import { runFiles } from './command-line.ts'
import type { LiveGuest } from './engine.ts'
import { syncDirectory } from '../../platform/durable-file.ts'

const file = 'memory.state'
const uri = `unix:${runFiles.memory}`

export interface MemoryOf {
  dir: string
  /** the socket's path as this process reaches it */
  socket: string
  clock: Clock
  call: Call
}

export async function hasMemory(dir: string): Promise<boolean> {
  return (await stat(join(dir, file)).catch(() => null)) !== null
}

/** Forgets a saved memory. */
export async function dropMemory(dir: string): Promise<void> {
  await rm(join(dir, file), { force: true })
  await rm(join(dir, `${file}.part`), { force: true })
  await syncDirectory(dir)
}

/** Saves the memory of a guest that is already stopped. When it fails the guest is as before: stopped, alive. */
export async function saveMemory({ qmp }: LiveGuest, of: MemoryOf): Promise<void> {
  const part = join(of.dir, `${file}.part`)
  await rm(of.socket, { force: true })
  const { server, connection } = await listen(of.socket)
  try {
    await chmod(of.socket, 0o666) // run/ lets only the guest's user in
    await qmp.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 })
    await qmp.execute('migrate', { uri })
    const saved = connection.then((socket) => pipeline(socket, createWriteStream(part, { mode: 0o600 })))
    await Promise.all([saved, completed(qmp, of)])
    const handle = await open(part, 'r')
    await handle.sync()
    await handle.close()
    await rename(part, join(of.dir, file))
    await syncDirectory(of.dir)
  } catch (error) {
    await qmp.execute('migrate_cancel').catch(() => undefined) // QEMU may be gone; the first error tells
    await rm(part, { force: true })
    throw fileFailure(error)
  } finally {
    server.close()
    await rm(of.socket, { force: true })
  }
}

/** Fills a guest that was started to wait for it; afterwards it is paused and the file is gone. */
export async function loadMemory({ qmp }: LiveGuest, of: MemoryOf): Promise<void> {
  await qmp.execute('migrate-incoming', { uri })
  const socket = await new Promise<Socket>((resolve, reject) => {
    const socket = connect(of.socket, () => resolve(socket))
    socket.once('error', reject)
  })
  await pipeline(createReadStream(join(of.dir, file)), socket)
  await completed(qmp, of)
  await dropMemory(of.dir)
}

/** Watches a migration until it is done: 10 looks a second, and as long as bytes move. */
async function completed(qmp: LiveGuest['qmp'], { clock, call }: MemoryOf): Promise<void> {
  let before = -1
  for (let still = 0; still < 600; still++) {
    const { status, ram, 'error-desc': reason } = await qmp.execute('query-migrate')
    if (status === 'completed') return
    if (status === 'failed' || status === 'cancelled') throw new HostError('failed', `the memory could not be moved: ${reason ?? status}`)
    if (ram && ram.total > 0) call.progress?.(Math.min(99, Math.floor((ram.transferred / ram.total) * 100)))
    if (ram && ram.transferred !== before) still = 0
    before = ram?.transferred ?? -1
    await delay(clock, 100, call.signal)
  }
  throw new HostError('failed', 'the memory does not move any more')
}

async function listen(path: string): Promise<{ server: Server; connection: Promise<Socket> }> {
  const server = createServer()
  const connection = new Promise<Socket>((resolve, reject) => {
    server.once('connection', resolve)
    server.once('close', () => reject(new HostError('failed', 'QEMU did not connect to save its memory')))
  })
  connection.catch(() => undefined) // waited for by whoever saves
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return { server, connection }
}
