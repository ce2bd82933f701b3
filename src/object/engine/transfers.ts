// What goes in and out of accounts, for telemetry: counted in memory and written now and then, so that no request pays for it. A crash
// loses the last seconds.
import type { TransferRow } from '../store/tables.ts'
import { transferRows } from '../store/transfers.ts'
import type { Engine } from './engine.ts'

const writtenEveryMs = 5000
/** accounts between two writes; whoever comes on top has them written at once */
const mostAccounts = 1000

interface Counted {
  rows: Map<string, TransferRow>
  isWaiting: boolean
}

const counted = new WeakMap<Engine, Counted>()

/** One request, with the bytes that it brought and took. */
export function transferCount(
  engine: Engine,
  account: string,
  { in: bytesIn = 0, out: bytesOut = 0 }: { in?: number; out?: number },
): void {
  let known = counted.get(engine)
  if (!known) counted.set(engine, (known = { rows: new Map(), isWaiting: false }))
  const hour = new Date(engine.platform.clock.nowMs()).toISOString().slice(0, 13)
  const key = `${hour} ${account}`
  const row = known.rows.get(key) ?? { account, hour, bytes_in: 0, bytes_out: 0, requests: 0 }
  row.bytes_in += bytesIn
  row.bytes_out += bytesOut
  row.requests++
  known.rows.set(key, row)
  if (known.rows.size >= mostAccounts) return flushSoon(engine)
  if (known.isWaiting) return
  known.isWaiting = true
  engine.platform.clock.after(writtenEveryMs, () => flushSoon(engine))
}

function flushSoon(engine: Engine): void {
  transfersWrite(engine).catch((error: unknown) => engine.platform.log.warn({ err: error }, 'transfers of objects could not be counted'))
}

/** Writes what was counted; also at the end of the process. */
export async function transfersWrite(engine: Engine): Promise<void> {
  const known = counted.get(engine)
  if (!known || known.rows.size === 0) return
  const rows = [...known.rows.values()]
  counted.set(engine, { rows: new Map(), isWaiting: false })
  await engine.write(async (db) => {
    for (const row of rows) await transferRows.add(db, row)
  })
}
