// A thread that writes a database's log into it, as often as it is asked to. Plain JavaScript, because a thread that first
// loads the type stripper costs twice as much. Counterpart: checkpoints.ts.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const raw = new DatabaseSync(workerData.path)
raw.exec('pragma busy_timeout = 5000; pragma synchronous = normal; pragma cache_size = -256')
const checkpoint = raw.prepare('pragma wal_checkpoint(passive)')

parentPort.on('message', () => {
  checkpoint.get()
  parentPort.postMessage('done')
})
