// packages.txt: the Debian packages that real drivers and the tests stand on. The wrapper installs them; here
// they are only looked for.
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface DebianPackage {
  /** 'real': for real drivers; 'test': for the tests */
  kind: string
  name: string
  program: string
  purpose: string
}

export function debianPackages(): DebianPackage[] {
  const text = readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [kind = '', name = '', program = '', ...purpose] = line.split(' ')
      return { kind, name, program, purpose: purpose.join(' ') }
    })
}

/** Where a program lies in the search path (with the directories of root's), or null. */
export function findProgram(program: string): string | null {
  const folders = new Set([...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'])
  for (const folder of folders) {
    const path = join(folder || '.', program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue // not in this one
    }
  }
  return null
}

export const missingPackages = (kind: string): DebianPackage[] =>
  debianPackages().filter((it) => it.kind === kind && !findProgram(it.program))
