// Ends what outlives the control process: guests and network daemons of a data directory.
import type { DataDir } from './data-dir.ts'

/** Returns a line for each thing that was stopped. */
export async function stopHost(dir: DataDir): Promise<string[]> {
  void dir
  return []
}
