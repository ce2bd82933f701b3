// Loaded into a cloud's process before anything else (`--import`): writes down what that process has put on the disk, one
// JSON line for each sync that ended. What a power failure leaves of a file is what stands here, see power-loss.ts.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { walEnd } from './wal.ts'

const path = process.env['SYNC_LOG']
if (path === undefined) throw new Error('SYNC_LOG names the file to write to')
const log = fs.openSync(path, 'a')

/** What a sync that begins now will have put on the disk: of a directory its names. */
function begin(fd: number): () => void {
  const stat = fs.fstatSync(fd)
  const { dev, ino, size } = stat
  if (stat.isDirectory()) {
    const line = JSON.stringify({ file: `${dev}:${ino}`, names: fs.readdirSync(`/proc/self/fd/${fd}`) })
    return () => void fs.writeSync(log, `${line}\n`)
  }
  const wal = fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('-wal') ? walEnd(fd) : null
  return () => void fs.writeSync(log, `${JSON.stringify({ file: `${dev}:${ino}`, size, wal })}\n`)
}

const { fdatasync, fsyncSync, writeFileSync } = fs
fs.fdatasync = Object.assign((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
  const end = begin(fd)
  fdatasync(fd, (error) => {
    if (!error) end()
    done(error)
  })
}, fdatasync)
fs.fsyncSync = (fd) => {
  const end = begin(fd)
  fsyncSync(fd)
  end()
}
fs.writeFileSync = (file, data, options) => {
  writeFileSync(file, data, options)
  if (typeof file !== 'string' || typeof options !== 'object' || options?.flush !== true) return
  const fd = fs.openSync(file, 'r')
  begin(fd)()
  fs.closeSync(fd)
}
const handle = await fs.promises.open(path, 'r')
const prototype = Object.getPrototypeOf(handle) as {
  sync(this: { fd: number }): Promise<void>
  datasync(this: { fd: number }): Promise<void>
}
await handle.close()
for (const name of ['sync', 'datasync'] as const) {
  const original = prototype[name]
  prototype[name] = async function () {
    const end = begin(this.fd)
    await original.call(this)
    end()
  }
}
syncBuiltinESMExports()
