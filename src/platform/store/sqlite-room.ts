// Room that a full disk cannot take: free pages in the database and a log that has reached the size at which it begins
// anew. What happens on a full disk (a guest that waits for room, why a request failed) is written down in it.
import type { DatabaseSync } from 'node:sqlite'

export const pagesOfRoom = 256
const pageBytes = 4096
/** with the first writing, as many pages of the log as SQLite copies into the database at once: 1,000; what is the same it does not write again */
const rewritings = ['a', 'b', 'c']
const sqliteFull = 13

/** Once for a database, and again when its free pages were used up; 4 MiB are written then. On a disk that is full already it changes nothing. */
export function roomKeep(raw: DatabaseSync): void {
  try {
    // left by a process that died in the midst of this
    raw.exec('drop table if exists room')
    const { freelist_count: free } = raw.prepare('pragma freelist_count').get() as { freelist_count: number }
    if (free >= pagesOfRoom) return
    raw.exec(`create table room as select zeroblob(${(pagesOfRoom + 1) * pageBytes}) as bytes`)
    for (const sign of rewritings) raw.exec(`update room set bytes = cast(printf('%.*c', length(bytes), '${sign}') as blob)`)
    raw.exec('drop table room; pragma shrink_memory')
  } catch (error) {
    // a cloud starts on a full disk all the same
    if ((error as { errcode?: number }).errcode !== sqliteFull) throw error
  }
}
