// What deleted projects left behind in this domain.
import { projectsGone } from '../../identity/index.ts'
import { orphansCheck } from '../../platform/fsck/orphans.ts'

export const imagesOrphansCheck = orphansCheck('images-orphans', [{ table: 'images', resourceType: 'image' }], projectsGone)
