// What deleted projects left behind in this domain.
import { projectsGone } from '../../identity/index.ts'
import { orphansCheck } from '../../platform/fsck/orphans.ts'

export const volumesOrphansCheck = orphansCheck(
  'volumes-orphans',
  [
    { table: 'volumes', resourceType: 'volume' },
    { table: 'volume_snapshots', resourceType: 'snapshot' },
  ],
  projectsGone,
)
