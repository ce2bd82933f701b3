// A domain's migrations are the files of a folder: `0007-references.ts` exports one function, and its name is its key for ever.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assert } from '../errors.ts'
import type { Migrations } from './migrate.ts'

/** `migrations: await migrationsIn(import.meta.dirname)`, beside the folder `store/migrations` */
export async function migrationsIn(domain: string): Promise<Migrations> {
  const folder = join(domain, 'store', 'migrations')
  const names = readdirSync(folder).filter((name) => /^\d{4}-[a-z0-9-]+\.ts$/.test(name))
  const found = await Promise.all(names.sort().map(async (name) => [name.slice(0, -3), await onlyExport(join(folder, name))] as const))
  return Object.fromEntries(found)
}

async function onlyExport(file: string): Promise<Migrations[string]> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, Migrations[string]>
  const [migration, ...others] = Object.values(module)
  assert(migration !== undefined && others.length === 0, `${file} must export one function`)
  return migration
}
