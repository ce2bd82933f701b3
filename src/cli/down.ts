// `stackling down`: ends the process that serves the APIs, then the guests (gracefully) and the networks that it
// left running. Calling it again, or on a directory where nothing runs, does no harm.
import { setTimeout as pause } from 'node:timers/promises'
import { Complaint } from './complaint.ts'
import { dataDir, runningProcess, startTicksOf, type RunningProcess } from './data-dir.ts'
import { stopHost } from './stop-host.ts'

const closeTimeoutMs = 90_000
const pauseMs = 50

export async function down(options: { data?: string }): Promise<number> {
  const dir = dataDir(options.data)
  const running = runningProcess(dir)
  if (running) {
    console.log(`stopping process ${running.pid}, which serves the APIs at ${running.url}`)
    process.kill(running.pid, 'SIGTERM')
    await untilGone(running)
    console.log(`the APIs at ${running.url} are down (process ${running.pid})`)
  }
  const isReal = await stopHost(dir, (line) => console.log(line))
  if (!running && !isReal) console.log(`nothing runs on ${dir.path}`)
  return 0
}

async function untilGone(running: RunningProcess): Promise<void> {
  const deadline = performance.now() + closeTimeoutMs
  while (startTicksOf(running.pid) === running.startTicks) {
    if (performance.now() > deadline) {
      process.kill(running.pid, 'SIGKILL')
      throw new Complaint(
        `process ${running.pid} did not end in ${closeTimeoutMs / 1000} s and was killed; call down again to stop its guests`,
      )
    }
    await pause(pauseMs)
  }
}
