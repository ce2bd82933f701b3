// What deleted projects left behind in this domain.
import { projectsGone } from '../../identity/index.ts'
import { orphansCheck } from '../../platform/fsck/orphans.ts'

export const serversOrphansCheck = orphansCheck(
  'servers-orphans',
  [{ table: 'servers', resourceType: 'server', deletedColumn: 'deleted' }],
  projectsGone,
)
