// A cloud with real drivers inside the lab, as a user of the demo project sees it, and what the machine holds of it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { guest, type Guest } from '../e2e/guest.ts'
import { run, type Place } from '../e2e/place.ts'
import type { Victim } from '../crash/victim.ts'
import { logIn, type Client } from '../support/client.ts'
import { untilWithin } from '../support/until.ts'

export const nova = '/compute/v2.1'
export const neutron = '/network/v2.0'
export const cinder = '/volume/v3'
export const glance = '/image/v2'
export const settleLimitMs = 120_000

/** The lab, seen from within. */
export const here: Place = {
  prefix: [],
  run,
  processes: () =>
    pidsOf('')
      .map((pid) => commandLine(String(pid)))
      .filter((line) => /^(qemu|dnsmasq)/.test(line)),
  close: async () => {},
}

export interface RealCloud {
  victim: Victim
  client: Client
  /** where the key lies that opens the guests */
  key: string
}

/** Pids of processes whose command line contains the text. */
export function pidsOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => commandLine(name).includes(text))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '' // it ended meanwhile
    throw error
  }
}

/** The process of a server's guest, null when there is none. */
export const qemuOf = (serverId: string): number | null => pidsOf(`-uuid ${serverId}`)[0] ?? null

export async function startCloud(victim: Victim, key: string): Promise<RealCloud> {
  await victim.start()
  return { victim, key, client: await logIn(victim.dataDir, 'stackling-demo') }
}

export async function server({ client }: RealCloud, id: string): Promise<any> {
  return (await client.must('GET', `${nova}/servers/${id}`)).server
}

/** Waits until nothing goes on with the server and it is in that state. */
export async function untilServer(cloud: RealCloud, id: string, status: string): Promise<any> {
  let seen = ''
  return untilWithin(`the server to be ${status}`, settleLimitMs, async () => {
    const now = await server(cloud, id)
    seen = `${now.status} ${now['OS-EXT-STS:task_state']} ${JSON.stringify(now.fault ?? null)}`
    return now.status === status && now['OS-EXT-STS:task_state'] === null ? now : undefined
  }).catch((error: Error) => assert.fail(`${error.message}: ${seen}`))
}

export async function untilSettled(cloud: RealCloud, id: string): Promise<any> {
  return untilWithin('the server to settle', settleLimitMs, async () => {
    const now = await server(cloud, id)
    return now['OS-EXT-STS:task_state'] === null && now.status !== 'BUILD' ? now : undefined
  })
}

export async function untilVolume({ client }: RealCloud, id: string, status: string): Promise<void> {
  await untilWithin(`the volume to be ${status}`, settleLimitMs, async () => {
    const now = (await client.must('GET', `${cinder}/volumes/${id}`)).volume.status
    assert.ok(now === status || now !== 'error', `the volume ${id} is in error`)
    return now === status || undefined
  })
}

export async function untilGone({ client }: RealCloud, path: string): Promise<void> {
  await untilWithin(`${path} to be gone`, settleLimitMs, async () => ((await client.call('GET', path)).status === 404 ? true : undefined))
}

export async function act({ client }: RealCloud, id: string, body: Record<string, unknown>): Promise<void> {
  await client.must('POST', `${nova}/servers/${id}/action`, body)
}

/** What the timeline says of a server, newest first: `stop success the process of the guest is gone`. */
export function timelineOf({ victim }: RealCloud, id: string): string[] {
  const db = new DatabaseSync(join(victim.dataDir, 'stackling.db'), { readOnly: true })
  try {
    const events = db.prepare('select action, result, message from events where resource_id = ? order by seq desc').all(id) as Record<
      string,
      string | null
    >[]
    return events.map(({ action, result, message }) => `${action} ${result} ${message ?? ''}`)
  } finally {
    db.close()
  }
}

export async function portOf({ client }: RealCloud, serverId: string): Promise<any> {
  return (await client.must('GET', `${neutron}/ports?device_id=${serverId}`)).ports[0]
}

const networkName = 'story'

/** A network of its own behind the demo project's router. */
async function makeNetwork({ client }: RealCloud): Promise<string> {
  const { network } = await client.must('POST', `${neutron}/networks`, { network: { name: networkName } })
  const { subnet } = await client.must('POST', `${neutron}/subnets`, {
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.77.0.0/24' },
  })
  const { routers } = await client.must('GET', `${neutron}/routers`)
  await client.must('PUT', `${neutron}/routers/${routers[0].id}/add_router_interface`, { subnet_id: subnet.id })
  return network.id as string
}

/** A server of the demo project with a floating address and a log-in. */
export async function boot(cloud: RealCloud, imageId: string): Promise<{ id: string; inside: Guest }> {
  const { client, key } = cloud
  const { keypair } = await client.must('POST', `${nova}/os-keypairs`, { keypair: { name: 'key', type: 'ssh' } })
  writeFileSync(key, keypair.private_key, { mode: 0o600 })
  const { security_groups: groups } = await client.must('GET', `${neutron}/security-groups?name=default`)
  await client.must('POST', `${neutron}/security-group-rules`, {
    security_group_rule: { security_group_id: groups[0].id, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 },
  })
  const { flavors } = await client.must('GET', `${nova}/flavors?sort_key=memory_mb`)
  const network = await makeNetwork(cloud)
  const made = await client.must('POST', `${nova}/servers`, {
    server: { name: 'first', flavorRef: flavors[0].id, imageRef: imageId, key_name: 'key', networks: [{ uuid: network }] },
  })
  const id = made.server.id as string
  await untilServer(cloud, id, 'ACTIVE')
  const { networks: external } = await client.must('GET', `${neutron}/networks?router:external=true`)
  const port = await portOf(cloud, id)
  const { floatingip } = await client.must('POST', `${neutron}/floatingips`, {
    floatingip: { floating_network_id: external[0].id, port_id: port.id },
  })
  const inside = guest(here, floatingip.floating_ip_address, key)
  await inside.ready()
  return { id, inside }
}

/** What boot() made beside the server. */
export async function deleteAccess({ client }: RealCloud): Promise<void> {
  for (const { id } of (await client.must('GET', `${neutron}/floatingips`)).floatingips)
    await client.must('DELETE', `${neutron}/floatingips/${id}`)
  const rules = (await client.must('GET', `${neutron}/security-group-rules?protocol=tcp`)).security_group_rules
  for (const { id } of rules) await client.must('DELETE', `${neutron}/security-group-rules/${id}`)
  await client.must('DELETE', `${nova}/os-keypairs/key`)
  const [network] = (await client.must('GET', `${neutron}/networks?name=${networkName}`)).networks
  const { routers } = await client.must('GET', `${neutron}/routers`)
  await client.must('PUT', `${neutron}/routers/${routers[0].id}/remove_router_interface`, { subnet_id: network.subnets[0] })
  await client.must('DELETE', `${neutron}/networks/${network.id}`)
}
