// `stackling version`: ours, and what it runs on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version in package.json. */
export function stacklingVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Ours, and what it runs on. */
export const versionLine = (): string =>
  `stackling ${stacklingVersion()} (Node ${process.versions.node}, SQLite ${process.versions.sqlite})`

export function version(): number {
  console.log(versionLine())
  return 0
}
