// One of several control processes on one PostgreSQL and one shared host: `control.ts OPTIONS`, as JSON. Its parent tells
// it at which moment of its work to stop itself, as `kill -STOP` would at that moment.
import { sql } from '../../src/platform/store/store.ts'
import { defaultConfig } from '../../src/platform/config.ts'
import { startCloud } from '../../src/server/start.ts'
import { connectHost } from './shared-host.ts'

export interface ControlOptions {
  name: string
  dataDir: string
  port: number
  databaseUrl: string
  hostSocket: string
  hostName: string
  leaseMs: number
  logFile: string
}

/** Stop right before a host call, while the host is at it, right after its answer, or between two queries of a transaction. */
export type StopOrder = { before: string } | { during: string } | { after: string } | { inTransaction: true }

const options = JSON.parse(process.argv[2] ?? '') as ControlOptions
let order: StopOrder | null = null

function stopNow(): void {
  order = null
  process.kill(process.pid, 'SIGSTOP')
}

const host = connectHost({
  path: options.hostSocket,
  name: options.hostName,
  before: (method) => void (order && 'before' in order && order.before === method && stopNow()),
  sent: (method) => void (order && 'during' in order && order.during === method && stopNow()),
  after: (method) => void (order && 'after' in order && order.after === method && stopNow()),
})
const { cloud } = await startCloud({
  config: {
    ...defaultConfig,
    dataDir: options.dataDir,
    listen: { address: '127.0.0.1', port: options.port },
    publicUrl: `http://127.0.0.1:${options.port}`,
    databaseUrl: options.databaseUrl,
  },
  hostname: options.name,
  logTo: options.logFile,
  progress: () => {},
  host,
  leaseMs: options.leaseMs,
})

/** Holds the row that every claim of work needs, and stops there. */
async function stopInTransaction(): Promise<string> {
  try {
    await cloud.platform.store.transaction(async (db) => {
      await sql`update counters set value = value + 1000000 where name = 'fence'`.execute(db.as())
      stopNow()
      await sql`select 1`.execute(db.as())
    })
    return 'committed'
  } catch (error) {
    return `refused: ${(error as Error).message}`
  }
}

process.on('message', (message: StopOrder) => {
  if ('inTransaction' in message) void stopInTransaction().then((outcome) => process.send?.({ outcome }))
  else order = message
})
process.send?.({ ready: true })
process.on('SIGTERM', () => process.exit(0))
