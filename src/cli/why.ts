// `stackling why WHAT`: what happened to a resource (an id, a name, an address), on whose request and on which grounds, and what it waits for now;
// also of one that is gone. The words are the running cloud's: src/server/operations/why-text.ts.
import { runningCloud } from './admin-client.ts'
import { Complaint } from './complaint.ts'
import { dataDir } from './data-dir.ts'
import { unknownText } from '../server/operations/why-text.ts'
import { forTerminal } from '../platform/printable.ts'

export async function why(id: string, options: { data?: string }): Promise<number> {
  const dir = dataDir(options.data)
  const client = await runningCloud(dir)
  const answer = await client.find(`/operations/why/${encodeURIComponent(id)}`)
  if (answer === null) throw new Complaint(`nothing is known of ${id}: ${unknownText}`)
  process.stdout.write(forTerminal(String(answer['text'])))
  return answer['candidates'] === undefined ? 0 : 1
}
