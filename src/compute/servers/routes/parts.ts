// Small resources below a server: diagnostics, password, topology, security groups.
import type { Operation } from '../../../platform/api/operation.ts'
import { portsOfServers } from '../../../network/index.ts'
import { groupsOfProject, groupView, sources } from '../../legacy/security-groups.ts'
import { serverDiagnostics } from '../diagnostics.ts'
import { serverGet } from '../servers.ts'
import { serverPasswordClear } from '../password-store.ts'
import { diagnosticsOldView, diagnosticsView } from '../views/diagnostics.ts'
import { servers } from './servers.ts'

export const serverPartOperations: Operation[] = [
  servers.below('/diagnostics', {
    method: 'GET',
    summary: 'Show diagnostics',
    policy: 'os_compute_api:os-server-diagnostics',
    status: 200,
    async handler(ctx, id) {
      const { server, diagnostics } = await serverDiagnostics(ctx, id)
      return ctx.microversion.atLeast('2.48') ? diagnosticsView(server, diagnostics) : diagnosticsOldView(diagnostics)
    },
  }),
  servers.below('/os-server-password', {
    method: 'GET',
    summary: 'Show the encrypted password',
    policy: 'os_compute_api:os-server-password:show',
    status: 200,
    handler: async (ctx, id) => ({ password: (await serverGet(ctx, id)).password }),
  }),
  servers.below('/os-server-password', {
    method: 'DELETE',
    summary: 'Forget the encrypted password',
    policy: 'os_compute_api:os-server-password:clear',
    status: 204,
    handler: (ctx, id) => serverPasswordClear(ctx, id),
  }),
  servers.below('/topology', {
    method: 'GET',
    summary: 'Show the NUMA topology',
    policy: 'compute:server:topology:index',
    versions: ['2.78', null],
    status: 200,
    async handler(ctx, id) {
      await serverGet(ctx, id)
      return { nodes: [], pagesize_kb: null }
    },
  }),
  servers.below('/os-security-groups', {
    method: 'GET',
    summary: 'List the security groups of a server',
    policy: 'os_compute_api:os-security-groups:list',
    status: 200,
    async handler(ctx, id) {
      await serverGet(ctx, id)
      const ports = (await portsOfServers(ctx, [id])).get(id) ?? []
      const ids = [...new Set(ports.flatMap((port) => port.securityGroups.map((group) => group.id)))]
      const groups = ids.length === 0 ? [] : await groupsOfProject(ctx, { id: ids })
      const known = await sources(ctx, groups)
      return { security_groups: groups.map((group) => groupView(group, known)) }
    },
  }),
]
