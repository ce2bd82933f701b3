// Small resources below a server: diagnostics, password, topology, security groups.
import { operation, type Operation } from '../../../platform/api/operation.ts'
import { portsOfServers } from '../../../network/index.ts'
import { groupsOfProject, groupView, sources } from '../../legacy/security-groups.ts'
import { serverDiagnostics } from '../diagnostics.ts'
import { serverGet } from '../servers.ts'
import { serverPasswordClear } from '../password-store.ts'
import { diagnosticsOldView, diagnosticsView } from '../views/diagnostics.ts'
import { id } from './servers.ts'

export const serverPartOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/servers/:id/diagnostics',
    summary: 'Show diagnostics',
    policy: 'os_compute_api:os-server-diagnostics',
    status: 200,
    async handler(ctx, request) {
      const { server, diagnostics } = await serverDiagnostics(ctx, id(request))
      return ctx.microversion.atLeast('2.48') ? diagnosticsView(server, diagnostics) : diagnosticsOldView(diagnostics)
    },
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/os-server-password',
    summary: 'Show the encrypted password',
    policy: 'os_compute_api:os-server-password:show',
    status: 200,
    handler: async (ctx, request) => ({ password: (await serverGet(ctx, id(request))).password }),
  }),
  operation({
    method: 'DELETE',
    path: '/servers/:id/os-server-password',
    summary: 'Forget the encrypted password',
    policy: 'os_compute_api:os-server-password:clear',
    status: 204,
    handler: (ctx, request) => serverPasswordClear(ctx, id(request)),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/topology',
    summary: 'Show the NUMA topology',
    policy: 'compute:server:topology:index',
    versions: ['2.78', null],
    status: 200,
    async handler(ctx, request) {
      await serverGet(ctx, id(request))
      return { nodes: [], pagesize_kb: null }
    },
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/os-security-groups',
    summary: 'List the security groups of a server',
    policy: 'os_compute_api:os-security-groups:list',
    status: 200,
    async handler(ctx, request) {
      await serverGet(ctx, id(request))
      const ports = (await portsOfServers(ctx, [id(request)])).get(id(request)) ?? []
      const ids = [...new Set(ports.flatMap((port) => port.securityGroups.map((group) => group.id)))]
      const groups = ids.length === 0 ? [] : await groupsOfProject(ctx, { id: ids })
      const known = await sources(ctx, groups)
      return { security_groups: groups.map((group) => groupView(group, known)) }
    },
  }),
]
