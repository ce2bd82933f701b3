// The tables of image, as Kysely sees them: one line a table, each row type in its resource's file.
import type { ColumnsOf } from '../../platform/store/columns.ts'
import type { ImagePropertyRow, ImageRow, ImageTagRow } from './images.ts'
import type { ImageMemberRow } from './members.ts'
import type { ItemRow, NamespaceRow } from './metadefs.ts'
import type { ImageTaskRow } from './tasks.ts'

export interface ImageTables {
  images: ImageRow
  image_properties: ImagePropertyRow
  image_tags: ImageTagRow
  image_members: ImageMemberRow
  image_tasks: ImageTaskRow
  metadef_namespaces: NamespaceRow
  metadef_items: ItemRow
}

/** Columns that hold yes or no, or a value. */
export const columns: ColumnsOf<ImageTables> = {
  images: { protected: 'flag', os_hidden: 'flag', staged: 'json' },
  image_tasks: { input: 'json', result: 'json' },
  metadef_namespaces: { protected: 'flag' },
  metadef_items: { body: 'json' },
}
