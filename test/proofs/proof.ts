// `npm run proof NAME [WORD…]`: what is shown by a long run and not in CI. Each proof is a file beside this one that prints
// its figures; docs/proofs.md lists them with the figures of the last run.
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface Proof {
  /** one line: what it shows */
  about: string
  /** true: shown */
  prove(words: string[]): Promise<boolean>
}

const files = globSync('*.proof.ts', { cwd: import.meta.dirname }).sort()
const [name, ...words] = process.argv.slice(2)
const file = files.find((one) => basename(one, '.proof.ts') === name)
if (!file) {
  for (const one of files)
    console.log(`${basename(one, '.proof.ts').padEnd(16)} ${((await import(join(import.meta.dirname, one))) as Proof).about}`)
  process.exit(name === undefined ? 0 : 2)
}
process.exit((await ((await import(join(import.meta.dirname, file))) as Proof).prove(words)) ? 0 : 1)
