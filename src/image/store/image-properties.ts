// SQL of images found by their additional properties.
import type { Db } from '../../platform/store/store.ts'
import type { ImageTables } from './tables.ts'

/** A project's active images that have all these properties, newest first. */
export function imagesWithProperties(db: Db, projectId: string, properties: Record<string, string>): Promise<{ id: string }[]> {
  let query = db.as<ImageTables>().selectFrom('images').select('id').where('project_id', '=', projectId).where('status', '=', 'active')
  for (const [name, value] of Object.entries(properties)) {
    query = query.where((e) =>
      e.exists(
        e
          .selectFrom('image_properties')
          .select('image_id')
          .whereRef('image_id', '=', 'images.id')
          .where('name', '=', name)
          .where('value', '=', value),
      ),
    )
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1000).execute()
}
