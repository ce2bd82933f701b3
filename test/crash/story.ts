// The story of the first bar by plain requests: what a user does with a cloud from an empty project to an
// empty project. It is told to a cloud that may die at any moment: a request whose answer was lost is looked up
// before it is sent again, an operation may end in ERROR if it says why, and in the end nothing may be left.
import { setTimeout as wait } from 'node:timers/promises'
import { isConnectionLoss, logIn, type Client } from '../support/client.ts'
import { untilWithin } from '../support/until.ts'

const settleLimitMs = 180_000
const nova = '/compute/v2.1'
const neutron = '/network/v2.0'
const cinder = '/volume/v3'
const glance = '/image/v2'

export interface Teller {
  dataDir: string
  /** distinguishes what this telling makes */
  tag: string
  /** bytes of a bootable qcow2 image */
  image: Uint8Array
}

/** Tells the whole story; rejects when something got stuck, failed without a reason, or was lost. Returns in which states things settled. */
export async function tellStory(teller: Teller): Promise<Record<string, number>> {
  const story = new Story(teller)
  await story.begin()
  await story.live()
  await story.end()
  return story.settled
}

class Story {
  #teller: Teller
  #client: Client | null = null
  #ids: Record<string, string> = {}
  /** 'server ACTIVE' → how often */
  settled: Record<string, number> = {}

  constructor(teller: Teller) {
    this.#teller = teller
  }

  #name(what: string): string {
    return `${this.#teller.tag}-${what}`
  }

  /** The client of the living cloud; while it is dead, waits for it to come back. */
  async #through<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const end = performance.now() + settleLimitMs
    for (;;) {
      try {
        this.#client ??= await logIn(this.#teller.dataDir)
        return await work(this.#client)
      } catch (error) {
        if (!isConnectionLoss(error) || performance.now() > end) throw error
        await wait(20)
      }
    }
  }

  #must(method: string, path: string, body?: unknown): Promise<any> {
    return this.#through((client) => client.must(method, path, body))
  }

  /** Makes one thing of that name; when the answer is lost, the thing is looked for by its name first. */
  async #make(
    collection: string,
    what: string,
    body: Record<string, unknown>,
    options: { key?: string; plural?: string } = {},
  ): Promise<string> {
    const plural = options.plural ?? collection.split('/').at(-1) ?? ''
    const key = options.key ?? plural.replace(/s$/, '')
    const name = this.#name(what)
    const id = await this.#through(async (client) => {
      const listed = await client.must('GET', `${collection}?name=${name}`)
      const known = (listed[plural] as { id: string; name: string }[]).find((item) => item.name === name)
      if (known) return known.id
      const made = await client.must('POST', collection, key === '' ? { name, ...body } : { [key]: { name, ...body } })
      return (key === '' ? made.id : made[key].id) as string
    })
    this.#ids[what] = id
    return id
  }

  async begin(): Promise<void> {
    const network = await this.#make(`${neutron}/networks`, 'network', {})
    const subnet = await this.#make(`${neutron}/subnets`, 'subnet', { network_id: network, ip_version: 4, cidr: '10.99.0.0/24' })
    const router = await this.#make(`${neutron}/routers`, 'router', {})
    const [external] = (await this.#must('GET', `${neutron}/networks?router:external=true`)).networks
    await this.#must('PUT', `${neutron}/routers/${router}`, { router: { external_gateway_info: { network_id: external.id } } })
    await this.#through(async (client) => {
      const ports = (await client.must('GET', `${neutron}/ports?device_id=${router}&network_id=${network}`)).ports
      if (ports.length === 0) await client.must('PUT', `${neutron}/routers/${router}/add_router_interface`, { subnet_id: subnet })
    })
    const group = await this.#make(`${neutron}/security-groups`, 'group', {}, { key: 'security_group', plural: 'security_groups' })
    await this.#through(async (client) => {
      const rule = { security_group_id: group, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 }
      const answer = await client.call('POST', `${neutron}/security-group-rules`, { security_group_rule: rule })
      if (answer.status !== 201 && answer.status !== 409) throw new Error(`a rule: ${answer.status} ${JSON.stringify(answer.body)}`)
    })
    await this.#through(async (client) => {
      const answer = await client.call('POST', `${nova}/os-keypairs`, { keypair: { name: this.#name('key'), type: 'ssh' } })
      if (answer.status !== 201 && answer.status !== 409) throw new Error(`a keypair: ${answer.status} ${JSON.stringify(answer.body)}`)
    })
    await this.#uploadImage()
  }

  async #uploadImage(): Promise<void> {
    const id = await this.#make(`${glance}/images`, 'image', { disk_format: 'qcow2', container_format: 'bare' }, { key: '' })
    await this.#through(async (client) => {
      const { status } = await client.must('GET', `${glance}/images/${id}`)
      if (status === 'active') return
      const answer = await client.call('PUT', `${glance}/images/${id}/file`, this.#teller.image, {
        'content-type': 'application/octet-stream',
      })
      // 409: the upload that broke off had arrived, or is being put back to queued
      if (answer.status !== 204 && answer.status !== 409) throw new Error(`an upload: ${answer.status} ${JSON.stringify(answer.body)}`)
      if (answer.status === 409) throw new TypeError('fetch failed: look again')
    })
  }

  async live(): Promise<void> {
    const server = await this.#serverUp('server')
    await this.#floatingIp(server)
    const volume = await this.#make(`${cinder}/volumes`, 'volume', { size: 1 })
    await this.#volumeSettled(volume)
    await this.#attachAndDetach(server, volume)
    for (const body of [{ reboot: { type: 'HARD' } }, { pause: null }, { unpause: null }, { suspend: null }, { resume: null }])
      await this.#act(server, body)
    await this.#resize(server)
    await this.#act(server, { rebuild: { imageRef: this.#ids['image'] } })
    await this.#act(server, { createImage: { name: this.#name('snapshot') } })
  }

  async #serverUp(what: string): Promise<string> {
    const { flavors } = await this.#must('GET', `${nova}/flavors/detail`)
    const flavor = (flavors as { id: string; ram: number }[]).toSorted((a, b) => a.ram - b.ram)[0]
    const id = await this.#make(`${nova}/servers`, what, {
      flavorRef: flavor?.id,
      imageRef: this.#ids['image'],
      key_name: this.#name('key'),
      networks: [{ uuid: this.#ids['network'] }],
      security_groups: [{ name: this.#name('group') }],
      user_data: Buffer.from('#!/bin/sh\necho told\n').toString('base64'),
    })
    await this.#serverSettled(id)
    return id
  }

  /** Waits until nothing goes on with the server; an ERROR must say why. */
  async #serverSettled(id: string): Promise<string> {
    return untilWithin(`the server ${id} to settle`, settleLimitMs, async () => {
      const { server } = await this.#must('GET', `${nova}/servers/${id}`)
      if (server['OS-EXT-STS:task_state'] !== null || server.status === 'BUILD') return undefined
      if (server.status === 'ERROR' && !server.fault?.message) throw new Error(`the server ${id} is in ERROR without a reason`)
      return this.#count('server', server.status === 'ERROR' ? `ERROR: ${server.fault.message}` : server.status)
    })
  }

  async #volumeSettled(id: string): Promise<string> {
    return untilWithin(`the volume ${id} to settle`, settleLimitMs, async () => {
      const { volume } = await this.#must('GET', `${cinder}/volumes/${id}`)
      return volume.status.endsWith('ing') || volume.status === 'reserved' ? undefined : this.#count('volume', volume.status)
    })
  }

  #count(what: string, status: string): string {
    const key = `${what} ${status}`
    this.settled[key] = (this.settled[key] ?? 0) + 1
    return status
  }

  /** An action whose state forbids it (409) was done before the answer was lost, or failed with a reason; both are fine. */
  async #act(server: string, body: Record<string, unknown>): Promise<void> {
    await this.#through(async (client) => {
      const answer = await client.call('POST', `${nova}/servers/${server}/action`, body)
      if (answer.status >= 300 && answer.status !== 409)
        throw new Error(`${JSON.stringify(body)}: ${answer.status} ${JSON.stringify(answer.body)}`)
    })
    await this.#serverSettled(server)
  }

  async #resize(server: string): Promise<void> {
    const { flavors } = await this.#must('GET', `${nova}/flavors/detail`)
    const bigger = (flavors as { id: string; ram: number }[]).toSorted((a, b) => a.ram - b.ram)[1]
    await this.#act(server, { resize: { flavorRef: bigger?.id } })
    await this.#act(server, { confirmResize: null })
  }

  async #floatingIp(server: string): Promise<void> {
    const [port] = (await this.#must('GET', `${neutron}/ports?device_id=${server}`)).ports
    if (!port) return
    await this.#through(async (client) => {
      const known = (await client.must('GET', `${neutron}/floatingips?port_id=${port.id}`)).floatingips
      const [external] = (await client.must('GET', `${neutron}/networks?router:external=true`)).networks
      const wanted = { floating_network_id: external.id, port_id: port.id, description: this.#teller.tag }
      if (known.length === 0) await client.must('POST', `${neutron}/floatingips`, { floatingip: wanted })
    })
  }

  async #attachAndDetach(server: string, volume: string): Promise<void> {
    const path = `${nova}/servers/${server}/os-volume_attachments`
    for (const [method, url, body] of [
      ['POST', path, { volumeAttachment: { volumeId: volume } }],
      ['DELETE', `${path}/${volume}`, undefined],
    ] as const) {
      await this.#through(async (client) => {
        const answer = await client.call(method, url, body)
        if (answer.status >= 300 && ![400, 404, 409].includes(answer.status))
          throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`)
      })
      await this.#volumeSettled(volume)
      await this.#serverSettled(server)
    }
  }

  /** Deletes all that carries the tag, in the order that OpenStack wants, and waits until it is gone. */
  async end(): Promise<void> {
    await this.#deleteAll(`${nova}/servers`, 'servers')
    for (const ip of (await this.#must('GET', `${neutron}/floatingips?description=${this.#teller.tag}`)).floatingips)
      await this.#delete(`${neutron}/floatingips/${ip.id}`)
    await this.#deleteAll(`${cinder}/volumes`, 'volumes')
    await this.#deleteAll(`${glance}/images`, 'images')
    const router = this.#ids['router']
    await this.#through((client) =>
      client.call('PUT', `${neutron}/routers/${router}/remove_router_interface`, { subnet_id: this.#ids['subnet'] }),
    )
    await this.#deleteAll(`${neutron}/routers`, 'routers')
    await this.#deleteAll(`${neutron}/networks`, 'networks')
    await this.#deleteAll(`${neutron}/security-groups`, 'security_groups')
    await this.#delete(`${nova}/os-keypairs/${this.#name('key')}`)
  }

  async #deleteAll(collection: string, key: string): Promise<void> {
    const mine = async () =>
      ((await this.#must('GET', collection))[key] as { id: string; name: string | null }[]).filter((item) =>
        item.name?.startsWith(`${this.#teller.tag}-`),
      )
    for (const item of await mine()) await this.#delete(`${collection}/${item.id}`)
    await untilWithin(`${key} to be gone`, settleLimitMs, async () => ((await mine()).length === 0 ? true : undefined))
  }

  async #delete(path: string): Promise<void> {
    await this.#through(async (client) => {
      const answer = await client.call('DELETE', path)
      if (answer.status >= 300 && answer.status !== 404) throw new Error(`DELETE ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    })
  }
}
