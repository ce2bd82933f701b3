// An older version becomes the current one again, under its own id.
import { ObjectRefusal } from '../refusal.ts'
import { objectRows } from '../store/objects.ts'
import type { ObjectRow } from '../store/tables.ts'
import { act, told } from './act.ts'
import { containerIn } from './containers.ts'
import { currentToVersion, versionToCurrent } from './current.ts'
import type { By, Engine } from './engine.ts'
import { rowFind, type Key } from './objects.ts'
import type { Version } from './version-id.ts'

export function versionRestore(
  engine: Engine,
  { by, account, container: of, name, version }: Key & { by: By; version: Version },
): Promise<ObjectRow> {
  return act(engine, { by }, async (it) => {
    const container = await containerIn(it.db, account, of)
    const row = await rowFind(it.db, container, name, version)
    if (!row || row.is_marker) throw new ObjectRefusal('no-version', { name, isMarker: row?.is_marker })
    const current = await objectRows.find(it.db, container.id, name)
    if (current?.version_us === row.version_us) return current
    if (current) await currentToVersion(it, container, current)
    const restored = await versionToCurrent(it, container, row)
    told(it, { type: 'object', account, container: of, object: name, action: 'restore', details: { version: row.version_us } })
    return restored
  })
}
