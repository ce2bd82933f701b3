// Which agent serves which network or router: /agents/:id/dhcp-networks, /agents/:id/l3-routers and back.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import { isObject, malformed, uuid } from '../api/readers.ts'
import { refuse } from '../api/permission.ts'
import { resourceFetch, resourceLoad } from '../api/resource.ts'
import { agents, type AgentRow } from './agents.ts'
import { agentsOn, dhcpHostsOf, dhcpHostsPlanned, dhcpMove, dhcpNetworksOf, routerMove, routersOf } from './schedulers.ts'
import { networks } from '../networks/networks.ts'
import { routers } from '../routers/routers.ts'
import { show } from '../routes/resource-operations.ts'
import { agentsApi, networksApi, routersApi } from '../routes/resources.ts'

const allow = (ctx: Context, rule: string): void => {
  if (!ctx.allows({}, rule)) throw refuse(rule)
}

async function agentOf(ctx: Context, id: string, type: string): Promise<AgentRow> {
  const { row } = await resourceFetch(ctx, agents, id)
  if (row.agent_type !== type)
    throw conflict(`Agent ${id} is not a valid ${type} or has been disabled.`, {
      type: type === 'L3 agent' ? 'InvalidL3Agent' : 'InvalidDHCPAgent',
    })
  return row
}

/** The same, and it may be given something: not while it is switched off. */
async function openAgentOf(ctx: Context, id: string, type: string): Promise<AgentRow> {
  const row = await agentOf(ctx, id, type)
  if (!row.admin_state_up)
    throw conflict(`Agent ${id} is not a valid ${type} or has been disabled.`, {
      type: type === l3 ? 'InvalidL3Agent' : 'InvalidDHCPAgent',
    })
  return row
}

const named = (body: unknown, name: string): string => {
  if (!isObject(body) || body[name] === undefined) throw malformed(`Unable to find '${name}' in request body`)
  return String(uuid(body[name], name))
}

const agentViews = async (ctx: Context, hosts: string[], type: string): Promise<unknown[]> =>
  (await resourceLoad(ctx, agents, await agentsOn(ctx, hosts, type))).map((one) => show(ctx, agentsApi, one))

const dhcp = 'DHCP agent'
const l3 = 'L3 agent'

export const agentSchedulerOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/agents/:id/dhcp-networks',
    summary: 'List networks of a DHCP agent',
    policy: 'get_dhcp-networks',
    status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_dhcp-networks')
      const agent = await agentOf(ctx, params['id'] ?? '', dhcp)
      const found = await resourceLoad(ctx, networks, await dhcpNetworksOf(ctx, agent.host))
      return { networks: found.map((one) => show(ctx, networksApi, one)) }
    },
  }),
  operation({
    method: 'POST',
    path: '/agents/:id/dhcp-networks',
    summary: 'Give a network to a DHCP agent',
    policy: 'create_dhcp-network',
    status: 201,
    bodyOptional: true,
    body: Type.Union([Type.Object({ network_id: Type.String() }), Type.Unknown()]),
    handler: (ctx, { params, body }) =>
      ctx.transaction(async (tx) => {
        allow(tx, 'create_dhcp-network')
        const agent = await openAgentOf(tx, params['id'] ?? '', dhcp)
        const { row } = await resourceFetch(tx, networks, named(body, 'network_id'))
        if ((await dhcpHostsOf(tx, row.id)).includes(agent.host)) {
          throw conflict(`The network ${row.id} has been already hosted by the DHCP Agent ${agent.id}.`, {
            type: 'NetworkHostedByDHCPAgent',
          })
        }
        await dhcpMove(tx, row, agent.host)
        return new Reply('null', { status: 201 })
      }),
  }),
  operation({
    method: 'DELETE',
    path: '/agents/:id/dhcp-networks/:network_id',
    summary: 'Take a network from a DHCP agent',
    policy: 'delete_dhcp-network',
    status: 204,
    handler: (ctx, { params }) =>
      ctx.transaction(async (tx) => {
        allow(tx, 'delete_dhcp-network')
        const agent = await agentOf(tx, params['id'] ?? '', dhcp)
        const networkId = params['network_id'] ?? ''
        if (!(await dhcpHostsOf(tx, networkId)).includes(agent.host))
          throw conflict(`The network ${networkId} is not hosted by the DHCP agent ${agent.id}.`, { type: 'NetworkNotHostedByDhcpAgent' })
        await dhcpMove(tx, { id: networkId }, null)
        return new Reply(undefined, { status: 204 })
      }),
  }),
  operation({
    method: 'GET',
    path: '/networks/:id/dhcp-agents',
    summary: 'List DHCP agents of a network',
    policy: 'get_dhcp-agents',
    status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_dhcp-agents')
      return { agents: await agentViews(ctx, await dhcpHostsPlanned(ctx, params['id'] ?? ''), dhcp) }
    },
  }),
  operation({
    method: 'GET',
    path: '/agents/:id/l3-routers',
    summary: 'List routers of an L3 agent',
    policy: 'get_l3-routers',
    status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_l3-routers')
      const agent = await agentOf(ctx, params['id'] ?? '', l3)
      const found = await resourceLoad(ctx, routers, await routersOf(ctx, agent.host))
      return { routers: found.map((one) => show(ctx, routersApi, one)) }
    },
  }),
  operation({
    method: 'POST',
    path: '/agents/:id/l3-routers',
    summary: 'Give a router to an L3 agent',
    policy: 'create_l3-router',
    status: 201,
    bodyOptional: true,
    body: Type.Union([Type.Object({ router_id: Type.String() }), Type.Unknown()]),
    handler: (ctx, { params, body }) =>
      ctx.transaction(async (tx) => {
        allow(tx, 'create_l3-router')
        const agent = await openAgentOf(tx, params['id'] ?? '', l3)
        const { row } = await resourceFetch(tx, routers, named(body, 'router_id'))
        if (row.host !== '' && row.host !== agent.host)
          throw conflict(`The router ${row.id} has been already hosted by the L3 Agent ${agent.id}.`, { type: 'RouterHostedByL3Agent' })
        await routerMove(tx, row, agent.host)
        return new Reply('null', { status: 201 })
      }),
  }),
  operation({
    method: 'DELETE',
    path: '/agents/:id/l3-routers/:router_id',
    summary: 'Take a router from an L3 agent',
    policy: 'delete_l3-router',
    status: 204,
    handler: (ctx, { params }) =>
      ctx.transaction(async (tx) => {
        allow(tx, 'delete_l3-router')
        const agent = await agentOf(tx, params['id'] ?? '', l3)
        const { row } = await resourceFetch(tx, routers, params['router_id'] ?? '')
        if (row.host !== agent.host)
          throw conflict(`The router ${row.id} is not hosted by L3 agent ${agent.id}.`, { type: 'RouterNotHostedByL3Agent' })
        await routerMove(tx, row, '')
        return new Reply(undefined, { status: 204 })
      }),
  }),
  operation({
    method: 'GET',
    path: '/routers/:id/l3-agents',
    summary: 'List L3 agents of a router',
    policy: 'get_l3-agents',
    status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_l3-agents')
      const { row } = await resourceFetch(ctx, routers, params['id'] ?? '')
      return { agents: await agentViews(ctx, row.host === '' ? [] : [row.host], l3) }
    },
  }),
]
