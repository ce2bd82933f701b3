// Ends what outlives the control process: guests (asked first) and networks of a data directory. Simulated ones
// end with the process, so there is nothing to do for them.
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { HostError } from '../contract/call.ts'
import { createRealHost } from '../host/index.ts'
import { systemClock } from '../platform/clock.ts'
import { createLog } from '../platform/log.ts'
import { Complaint } from './complaint.ts'
import { takeDataDir, type DataDir } from './data-dir.ts'

/** Tells what is waited for, and of each thing that was stopped; false: there is nothing real here. */
export async function stopHost(dir: DataDir, tell: (line: string) => void): Promise<boolean> {
  if (!existsSync(join(dir.path, 'host'))) return false
  if (process.getuid?.() !== 0) throw new Complaint(`${dir.path} has real guests and networks: run this as root`)
  process.umask(0o077)
  const lock = takeDataDir(dir)
  const log = createLog({ level: 'info', destination: dir.logFile })
  try {
    const host = await createRealHost({
      name: hostname(),
      dataDir: dir.path,
      clock: systemClock,
      log,
      images: { open: noControl },
      metadata: { get: noControl },
    })
    await host.shutDown(tell)
    await host.close()
    return true
  } finally {
    log.flush()
    lock.release()
  }
}

/** Nothing is fetched and no guest is answered while everything ends. */
const noControl = async (): Promise<never> => {
  throw new HostError('unreachable', 'the cloud is going down')
}
