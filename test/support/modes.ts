// What a directory holds and who may do what with it: path → 'd700', 'f600', 's755' (a socket).
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Of everything below the directory, and of itself ('.'). */
export function modesOf(directory: string): Record<string, string> {
  const modes: Record<string, string> = {}
  const look = (path: string) => {
    const stat = lstatSync(join(directory, path), { throwIfNoEntry: false })
    if (!stat) return // it went meanwhile
    const kind = stat.isDirectory() ? 'd' : stat.isSocket() ? 's' : stat.isFile() ? 'f' : 'other'
    modes[path] = `${kind}${(stat.mode & 0o7777).toString(8)}`
    if (stat.isDirectory()) for (const name of readdirSync(join(directory, path))) look(path === '.' ? name : join(path, name))
  }
  look('.')
  return modes
}
