// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type CalledIn } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'

const tables: CalledIn[] = [{ type: 'image', table: 'images', name: 'name', project: 'project_id' }]

export const resourcesCalled = (db: Db, word: string) => calledIn(db, tables, word)
