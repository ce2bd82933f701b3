// `stackling fsck`: asks the running cloud to compare its rows with what is real and with each other, and with --repair to
// mend what differs. Exit code 0: nothing differs; 1: something does, or is left after the repair; 2: not everything could
// be looked at. The words are the running cloud's: src/server/operations/fsck-text.ts.
import type { FsckReport } from '../platform/fsck/check.ts'
import { runningCloud } from './admin-client.ts'
import { explain } from './complaint.ts'
import { dataDir, type DataDir } from './data-dir.ts'
import { forTerminal } from '../platform/printable.ts'

/** every host is asked several times, and one that does not answer is waited for */
const timeoutMs = 1_800_000

export async function fsck(options: { data?: string; repair?: boolean }): Promise<number> {
  const dir = dataDir(options.data)
  try {
    const { text, counts, unchecked } = await look(dir, options.repair === true)
    process.stdout.write(forTerminal(text))
    if (Object.keys(counts).length > 0) return 1
    return unchecked.length > 0 ? 2 : 0
  } catch (error) {
    const text = explain(error, dir.path)
    if (text === null) throw error
    console.error(`stackling: ${forTerminal(text)}`)
    return 2
  }
}

async function look(dir: DataDir, repair: boolean): Promise<FsckReport & { text: string }> {
  const client = await runningCloud(dir)
  // our own operation, of the same version
  return (await client.post('/operations/fsck', { repair }, timeoutMs)) as unknown as FsckReport & { text: string }
}
