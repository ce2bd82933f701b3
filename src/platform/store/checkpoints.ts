// Checkpoints of a write-ahead log by a thread with a connection of its own. By itself SQLite makes them within somebody's commit:
// two fsyncs and thousands of pages written while nothing else is answered. A loop that writes all the time leaves the thread
// no moment in which the log has no newer commit, and then it never begins anew: what little is left is written here.
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { Disk } from './group-commit.ts'

/** so much of the log is written into the database at a time */
const checkpointBytes = 16 * 2 ** 20
/** a log that has grown to this without beginning anew is ended by the process itself */
const longestBytes = 4 * checkpointBytes

/** The log's disk, which asks for a checkpoint when enough was written; `raw` must make none by itself. */
export function checkpointedApart(disk: Disk, { path, raw, pageBytes }: { path: string; raw: DatabaseSync; pageBytes: number }): Disk {
  const looked = raw.prepare('pragma wal_checkpoint(noop)')
  let thread: Worker | null = null
  let isBusy = false
  let failure: Error | null = null
  const open = () => {
    const made = new Worker(new URL('./checkpoint-thread.mjs', import.meta.url), { workerData: { path } })
    made.on('message', () => void (isBusy = false))
    made.on('error', (error: Error) => void (failure = error))
    // an idle one keeps no process running
    made.unref()
    return made
  }
  const look = () => {
    if (failure) throw new Error('the database cannot be written from its log', { cause: failure })
    const { log, checkpointed } = looked.get() ?? {}
    /** pages in the log since it last began anew, and those of them that the database has not */
    const [all, waiting] = [Number(log), Number(log) - Number(checkpointed)]
    if (all * pageBytes > longestBytes && !isBusy) return void raw.exec('pragma wal_checkpoint(passive)')
    if (isBusy || waiting * pageBytes < checkpointBytes) return
    isBusy = true
    thread ??= open()
    thread.postMessage('checkpoint')
  }
  return {
    async sync() {
      await disk.sync()
      look()
    },
    close() {
      void thread?.terminate()
      disk.close()
    },
  }
}
