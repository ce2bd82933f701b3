// What deleted projects left behind in this domain.
import { projectsGone } from '../../identity/index.ts'
import { orphansCheck } from '../../platform/fsck/orphans.ts'

export const networksOrphansCheck = orphansCheck(
  'networks-orphans',
  [
    { table: 'networks', resourceType: 'network' },
    { table: 'routers', resourceType: 'router' },
    { table: 'floating_ips', resourceType: 'floatingip' },
  ],
  projectsGone,
)
