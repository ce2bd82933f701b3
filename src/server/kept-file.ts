// Small files that a cloud must find again as they were: written beside, on the disk, then put in their place; their
// owner alone reads them.
import { chmodSync, renameSync, writeFileSync } from 'node:fs'

/** Replaces the file: after power loss there is the old one or the new one. */
export function writeKept(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600, flush: true })
  chmodSync(`${path}.new`, 0o600)
  renameSync(`${path}.new`, path)
}
