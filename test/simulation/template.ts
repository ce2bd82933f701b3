// The cloud that every simulated world begins with: made once, in calm weather, by the product itself and by requests,
// then kept as bytes. An image, flavors, an external network; for each tenant a network behind a router.
import { delay } from '../../src/platform/clock.ts'
import type { ImageFiles } from './image-files.ts'
import type { Base } from './operation.ts'
import { imageBytes } from './operations-images.ts'
import { crowd, tenants, type PlanOptions } from './plan.ts'
import { Trace } from './trace.ts'
import { holdings, settle } from './verify.ts'
import { World } from './world.ts'

export interface Template {
  database: Uint8Array
  objects: Uint8Array
  files: ImageFiles
  base: Base
  /** what it holds: a run must end with the same */
  holdings: string[]
  /** when it was made, in virtual time: runs begin then */
  madeAtMs: number
}

/** no run has it, so that no run makes the ids that the template has */
const templateSeed = 0xffff_ffff
/** different ones in 10.0.0.0/8; networks may have the same */
const subnets = 250
const firstMs = Date.UTC(2026, 0, 1)

const flavors = [
  { name: 'small', ram: 512, vcpus: 1, disk: 1 },
  { name: 'medium', ram: 2_048, vcpus: 2, disk: 5 },
  { name: 'large', ram: 8_192, vcpus: 4, disk: 20 },
]

type Size = Pick<PlanOptions, 'hosts' | 'servers'>
const made = new Map<string, Promise<Template>>()

/** For so many hosts and tenants; made at the first call in this process. */
export function templateFor({ hosts, servers }: Size): Promise<Template> {
  const key = `${hosts} ${servers}`
  const known = made.get(key) ?? make({ hosts, servers })
  made.set(key, known)
  return known
}

async function make({ hosts, servers }: Size): Promise<Template> {
  const world = new World({ seed: templateSeed, startMs: firstMs, hosts, controls: 1, trace: new Trace() })
  await world.start()
  const base = await world.drive(fill(world, crowd(servers)))
  await settle(world, () => true)
  if (world.violations.length > 0) throw new Error(world.violations.join('\n'))
  const [database, objects] = [world.database.bytes(), world.objects.bytes()]
  return { database, objects, files: world.files, base, holdings: holdings(world), madeAtMs: world.scheduler.nowMs }
}

async function until(world: World, ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await delay(world.clock, 1_000)
}

async function fill(world: World, others: string[]): Promise<Base> {
  const must = async (as: string, path: string, body: unknown, method = 'POST') => {
    const answer = await world.client(as).call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const admin = 'admin@ops'
  const base: Base = { imageId: '', networks: {}, externalNetworkId: '', flavors: [] }
  for (const flavor of flavors) base.flavors.push((await must(admin, '/compute/v2.1/flavors', { flavor })).flavor.id)
  base.imageId = (
    await must(admin, '/image/v2/images', { name: 'base', disk_format: 'raw', container_format: 'bare', visibility: 'public' })
  ).id
  await must(admin, `/image/v2/images/${base.imageId}/file`, imageBytes, 'PUT')
  const external = { name: 'public', 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'public' }
  base.externalNetworkId = (await must(admin, '/network/v2.0/networks', { network: external })).network.id
  await must(admin, '/network/v2.0/subnets', {
    subnet: { network_id: base.externalNetworkId, ip_version: 4, cidr: '172.24.4.0/24', enable_dhcp: false },
  })
  if (others.length > 0)
    await must(admin, '/compute/v2.1/os-quota-class-sets/default', { quota_class_set: { instances: -1, cores: -1, ram: -1 } }, 'PUT')
  for (const [index, tenant] of [...tenants, ...others].entries()) {
    const as = `member@${tenant}`
    const isOne = !others.includes(tenant)
    const network = (await must(as, '/network/v2.0/networks', { network: { name: tenant } })).network.id
    const subnet = (
      await must(as, '/network/v2.0/subnets', { subnet: { network_id: network, ip_version: 4, cidr: `10.${index % subnets}.0.0/16` } })
    ).subnet.id
    if (isOne) {
      const router = (
        await must(as, '/network/v2.0/routers', { router: { name: tenant, external_gateway_info: { network_id: base.externalNetworkId } } })
      ).router.id
      await must(as, `/network/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet }, 'PUT')
    }
    base.networks[tenant] = network
    // the first server of a network brings its DHCP port, the first of a project its default security group: they stay
    const { server } = await must(as, '/compute/v2.1/servers', {
      server: { name: 'first', flavorRef: base.flavors[0], imageRef: base.imageId, networks: [{ uuid: network }] },
    })
    await until(world, async () => (await must(as, `/compute/v2.1/servers/${server.id}`, undefined, 'GET')).server.status === 'ACTIVE')
    await must(as, `/compute/v2.1/servers/${server.id}`, undefined, 'DELETE')
  }
  return base
}
