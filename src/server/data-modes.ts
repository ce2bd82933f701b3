// Who may read what in a data directory: its owner alone, set again at each start, since an earlier version, a copy or a
// restored backup may have left it open. What guests need stands in a directory of its own, which the host opens to them.
import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Everything of ours in a data directory; what an operator put there besides is left as it is. */
const ours = [
  'stackling.db',
  'stackling.db-wal',
  'stackling.db-shm',
  'objects.db',
  'objects.db-wal',
  'objects.db-shm',
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
  's3-listen',
  'network',
  'host',
  'fake',
]
/** Closed at its door alone: of objects' bytes there may be millions of files, and none is reached but through it. */
const closedAsWhole = ['blobs']
/** Their modes are the host's: guests pass through them; the last three are of earlier versions, and moved by the host. */
const openToGuests = ['hypervisor', 'guests', 'bases', 'volumes']

/** Closes the directory and all that is ours in it. */
export function closeDataDir(dataDir: string): void {
  const entries = readdirSync(dataDir)
  // one that holds other things too may be somebody else's way: what is ours in it is closed all the same
  const known = [...ours, ...closedAsWhole, ...openToGuests, 'policy']
  if (entries.every((name) => known.includes(name.replace(/\.new$/, '')))) chmodSync(dataDir, 0o700)
  for (const name of entries) {
    if (ours.includes(name)) closeAll(join(dataDir, name))
    if (closedAsWhole.includes(name)) close(join(dataDir, name))
  }
}

function closeAll(path: string): void {
  if (close(path) === 'directory') for (const name of readdirSync(path)) closeAll(join(path, name))
}

function close(path: string): 'directory' | 'file' | 'left' {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink() || stat.isSocket()) return 'left'
  const mode = stat.isDirectory() ? 0o700 : 0o600
  if ((stat.mode & 0o7777) !== mode) chmodSync(path, mode)
  return stat.isDirectory() ? 'directory' : 'file'
}
