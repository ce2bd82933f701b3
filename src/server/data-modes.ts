// Who may read what in a data directory: its owner alone, set again at each start, since an earlier version, a copy or a
// restored backup may have left it open. What guests need stands in a directory of its own, which the host opens to them.
import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Everything of ours in a data directory; what an operator put there besides is left as it is. */
const ours = [
  'stackling.db',
  'stackling.db-wal',
  'stackling.db-shm',
  'lock',
  'lock-journal',
  'secrets.json',
  'operator-key',
  'host-name',
  'settings.yaml',
  'clouds.yaml',
  'openrc',
  'process.json',
  'database',
  'stackling-linux.qcow2',
  'logs',
  'keys',
  'images',
  'network',
  'host',
  'fake',
]
/** Their modes are the host's: guests pass through them; the last three are of earlier versions, and moved by the host. */
const openToGuests = ['hypervisor', 'guests', 'bases', 'volumes']

/** Closes the directory and all that is ours in it. */
export function closeDataDir(dataDir: string): void {
  const entries = readdirSync(dataDir)
  // one that holds other things too may be somebody else's way: what is ours in it is closed all the same
  const known = [...ours, ...openToGuests, 'policy']
  if (entries.every((name) => known.includes(name.replace(/\.new$/, '')))) chmodSync(dataDir, 0o700)
  for (const name of entries) if (ours.includes(name)) close(join(dataDir, name))
}

function close(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink() || stat.isSocket()) return
  const mode = stat.isDirectory() ? 0o700 : 0o600
  if ((stat.mode & 0o7777) !== mode) chmodSync(path, mode)
  if (stat.isDirectory()) for (const name of readdirSync(path)) close(join(path, name))
}
