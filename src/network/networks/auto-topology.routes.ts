// /auto-allocated-topology/:project_id
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { notFound } from '../../platform/errors.ts'
import { refuse } from '../api/permission.ts'
import { topologyEnsure, topologyGet, topologyDelete, topologyRequirements } from './auto-topology.ts'

const path = '/auto-allocated-topology/:project_id'
const target = (projectId: string) => ({ project_id: projectId, tenant_id: projectId })

export const autoTopologyOperations: Operation[] = [
  operation({
    method: 'GET',
    path,
    summary: 'Show (and make) a project’s own topology',
    policy: 'get_auto_allocated_topology',
    status: 200,
    async handler(ctx, { params, query }) {
      const asked = params['project_id'] ?? ''
      const projectId = asked === 'None' || asked === 'null' ? ctx.projectId : asked
      if (!ctx.allows(target(projectId), 'get_auto_allocated_topology')) throw refuse('get_auto_allocated_topology')
      const isDry = [(query as Record<string, unknown>)['fields'] ?? []].flat().includes('dry-run')
      if (isDry) {
        await topologyRequirements(ctx)
        return { auto_allocated_topology: { id: 'dry-run=pass', tenant_id: projectId, project_id: projectId } }
      }
      const { network_id } = await topologyEnsure(ctx, projectId)
      return { auto_allocated_topology: { id: network_id, tenant_id: projectId, project_id: projectId } }
    },
  }),
  operation({
    method: 'DELETE',
    path,
    summary: 'Delete a project’s own topology',
    policy: 'delete_auto_allocated_topology',
    status: 204,
    handler: (ctx, { params }) =>
      ctx.transaction(async (tx) => {
        const projectId = params['project_id'] ?? ''
        if (!tx.allows(target(projectId), 'delete_auto_allocated_topology')) throw refuse('delete_auto_allocated_topology')
        const row = await topologyGet(tx, projectId)
        if (!row) throw notFound(`Auto allocated topology of project ${projectId} could not be found.`, { type: 'HTTPNotFound' })
        await topologyDelete(tx.asCloud('the topology goes whole, as it was made'), row)
        return new Reply(undefined, { status: 204 })
      }),
  }),
]
