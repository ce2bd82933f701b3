// What the product loads when it is first needed is loaded here beforehand: reading files takes no virtual time, and a request that
// waited for it would wait for ever.
import { globSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', 'src', 'object')

for (const file of globSync('**/*.ts', { cwd: root }).sort()) if (!/\.test\.ts$|conformance/.test(file)) await import(join(root, file))
