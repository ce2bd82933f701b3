// `npm run bench`: starts a cloud on fake drivers in a scratch directory (SQLite, every commit fsynced), drives it
// with the load generator, and, when told where a real OpenStack's openrc is, that one too in the same sitting;
// prints a table of both with the ratios that we hold ourselves to.
//
//   npm run bench -- [--load DIR] [--peer OPENRC] [--seconds N] [--repeat N] [CASE...]
import { parseArgs } from 'node:util'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startScratchCloud } from './scratch-cloud.ts'
import { driveLoad, loadCases, type Figures } from './load.ts'
import { measurePages } from './pages.ts'
import { printTable } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    load: { type: 'string', default: join(import.meta.dirname, '..', '..', 'shared', 'load') },
    peer: { type: 'string' },
    seconds: { type: 'string', default: '8' },
    repeat: { type: 'string', default: '1' },
  },
})

if (!existsSync(join(values.load, 'load.py'))) {
  console.error(`there is no load.py in ${values.load}: name the load generator's folder with --load`)
  process.exit(2)
}
const cases = positionals.length > 0 ? positionals : loadCases
const load = { folder: values.load, seconds: values.seconds, repeat: values.repeat }

// the peer first, ours second, never both at once: only a ratio taken in one sitting counts
const peer: Figures | null = values.peer === undefined ? null : await driveLoad({ ...load, openrc: values.peer, label: 'peer' }, cases)
const cloud = await startScratchCloud()
try {
  const ours = await driveLoad(
    { ...load, openrc: cloud.openrc, label: 'stackling' },
    cases.filter((name) => name !== 'pages'),
  )
  const pages = positionals.length === 0 || positionals.includes('pages') ? await measurePages(cloud) : {}
  printTable({ ours: { ...ours, ...cloud.figures, ...pages }, peer })
} finally {
  await cloud.stop()
}
