// The story of bar 1, step by step: what a person does with a new cloud through the official client, from an image
// to a clean slate. With real guests every step is looked at from inside the guest as well, by ssh.
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boot, untilServer } from './boot.ts'
import type { Client } from './client.ts'
import { guest, type Guest } from './guest.ts'
import type { Place } from './place.ts'
import { untilWithin } from '../support/until.ts'

export interface StoryOptions {
  place: Place
  client: Client
  /** a qcow2 that boots (real), or any (fake) */
  imageFile: string
  /** a folder for keys and user data */
  scratch: string
  /** guests really run: look inside */
  real: boolean
}

export interface Step {
  name: string
  run(): Promise<void>
}

const bootLimitMs = 120_000
const userData = '#!/bin/sh\necho told-by-user-data >/root/told\n'

/** The steps; each stands on the ones before it. */
export function story({ place, client, imageFile, scratch, real }: StoryOptions): Step[] {
  const key = join(scratch, 'key')
  const userDataFile = join(scratch, 'user-data')
  writeFileSync(userDataFile, userData, { mode: 0o644 })
  const guests: Record<string, Guest> = {}
  let volumeId = ''

  const inside = (name: string): Guest => {
    const found = guests[name]
    assert.ok(found, `no address of ${name}`)
    return found
  }
  const untilVolume = (wanted: string) =>
    untilWithin(
      `the volume to be ${wanted}`,
      60_000,
      async () => (await client.json('volume show story-volume')).status === wanted || undefined,
    )
  const consoleShows = (name: string, text: string) =>
    untilWithin(`"${text}" on the console of ${name}`, bootLimitMs, async () => (await consoleOf(name)).includes(text) || undefined)
  const consoleOf = async (name: string): Promise<string> => client.text(`console log show ${name}`)
  const bootGuest = async (name: string, words: string): Promise<void> => {
    guests[name] = guest(place, await boot(client, name, `--flavor m1.tiny --network story-net --key-name story-key ${words}`), key)
  }
  /** the disk of the volume in a guest, by the id that the API gave it */
  const disk = () => `/dev/disk/by-id/virtio-${volumeId.slice(0, 20)}`
  const diskArrives = (name: string) =>
    untilWithin(
      `the volume in ${name}`,
      30_000,
      async () => (await inside(name).sh(`test -b ${disk()} && echo yes || true`)) === 'yes' || undefined,
    )

  return [
    {
      name: 'image',
      async run() {
        const image = await client.json(
          `image create --disk-format qcow2 --container-format bare --file ${imageFile} --property os_distro=stackling story-image`,
        )
        assert.equal(image.name, 'story-image')
        assert.equal((await client.json('image show story-image')).status, 'active')
      },
    },
    {
      name: 'network, subnet, router',
      async run() {
        await client.json('network create story-net')
        const subnet = await client.json(
          'subnet create --network story-net --subnet-range 10.66.0.0/24 --dns-nameserver 192.0.2.53 story-subnet',
        )
        assert.equal(subnet.gateway_ip, '10.66.0.1')
        await client.json('router create story-router')
        await client.do('router set --external-gateway public story-router')
        await client.do('router add subnet story-router story-subnet')
      },
    },
    {
      name: 'keypair and security groups',
      async run() {
        await client.do(`keypair create --private-key ${key} story-key`)
        if (real) chmodSync(key, 0o600)
        await client.json('security group create story-open')
        await client.json('security group rule create --protocol tcp --dst-port 22 --remote-ip 0.0.0.0/0 story-open')
        await client.json('security group rule create --protocol icmp --remote-ip 0.0.0.0/0 story-open')
        await client.json('security group create story-closed')
      },
    },
    {
      name: 'a server with user data becomes ACTIVE',
      async run() {
        await bootGuest('first', `--image story-image --security-group story-open --user-data ${userDataFile}`)
        const shown = await client.json('server show first')
        assert.match(JSON.stringify(shown.addresses), /10\.66\.0\.\d+/)
      },
    },
    {
      name: 'its console log shows the boot',
      run: async () => void (await consoleShows('first', real ? 'stackling-linux: ready' : 'login:')),
    },
    {
      name: 'ssh through its floating IP runs a command',
      async run() {
        if (!real) return
        await inside('first').ready()
        assert.equal(await inside('first').sh('hostname'), 'first')
        await untilWithin(
          'the user data',
          20_000,
          async () => (await inside('first').sh('cat /root/told 2>/dev/null || true')) === 'told-by-user-data' || undefined,
        )
      },
    },
    {
      name: 'a volume is attached, formatted and written',
      async run() {
        volumeId = (await client.json('volume create --size 1 story-volume')).id
        await untilVolume('available')
        await client.do('server add volume first story-volume')
        await untilVolume('in-use')
        if (!real) return
        await diskArrives('first')
        await inside('first').sh(`mkfs.ext4 -q ${disk()} && mount ${disk()} /mnt && echo kept >/mnt/note && umount /mnt`)
      },
    },
    {
      name: 'attached to a second server, it holds the data',
      async run() {
        await client.do('server remove volume first story-volume')
        await untilVolume('available')
        await bootGuest('second', '--image story-image --security-group story-open')
        await client.do('server add volume second story-volume')
        await untilVolume('in-use')
        if (!real) return
        await inside('second').ready()
        await diskArrives('second')
        assert.equal(await inside('second').sh(`mount ${disk()} /mnt && cat /mnt/note && umount /mnt`), 'kept')
      },
    },
    {
      name: 'a snapshot image of a server boots with the file that was written',
      async run() {
        if (real) await inside('first').sh('echo mine >/root/mine && sync')
        assert.equal((await client.json('server image create --wait --name story-snapshot first')).status, 'active')
        await bootGuest('third', '--image story-snapshot --security-group story-closed')
        await consoleShows('third', real ? 'stackling-linux: ready' : 'login:')
      },
    },
    {
      name: 'a server without a rule for it cannot be reached, and with one it can',
      async run() {
        if (real) {
          assert.equal(await inside('third').letsIn(), false)
          const ping = await place.run(['ping', '-c', '2', '-W', '2', inside('third').address])
          assert.notEqual(ping.code, 0, `the closed server answers: ${ping.stdout}`)
        }
        await client.do('server add security group third story-open')
        if (!real) return
        await inside('third').ready()
        assert.equal(await inside('third').sh('cat /root/mine'), 'mine')
        assert.equal(await inside('third').sh('hostname'), 'third')
      },
    },
    {
      name: 'pause and suspend keep what runs',
      async run() {
        const bootId = real ? await inside('first').sh('cat /proc/sys/kernel/random/boot_id') : ''
        await client.do('server pause first')
        await untilServer(client, 'first', 'PAUSED')
        if (real) assert.equal(await inside('first').letsIn(), false)
        await client.do('server unpause first')
        await untilServer(client, 'first', 'ACTIVE')
        await client.do('server suspend first')
        await untilServer(client, 'first', 'SUSPENDED')
        await client.do('server resume first')
        await untilServer(client, 'first', 'ACTIVE')
        if (!real) return
        await inside('first').ready()
        assert.equal(await inside('first').sh('cat /proc/sys/kernel/random/boot_id'), bootId)
      },
    },
    {
      name: 'soft and hard reboot',
      async run() {
        for (const kind of ['--soft', '--hard']) {
          const bootId = real ? await inside('first').sh('cat /proc/sys/kernel/random/boot_id') : ''
          await client.do(`server reboot ${kind} first`)
          await untilServer(client, 'first', 'ACTIVE')
          if (!real) continue
          await untilWithin(`another boot after ${kind}`, bootLimitMs, async () => {
            if (!(await inside('first').letsIn())) return undefined
            return (await inside('first').sh('cat /proc/sys/kernel/random/boot_id')) !== bootId || undefined
          })
          assert.equal(await inside('first').sh('cat /root/mine'), 'mine')
        }
      },
    },
    {
      name: 'resize and confirm',
      async run() {
        await client.do('server resize --flavor m1.small first')
        await untilServer(client, 'first', 'VERIFY_RESIZE')
        await client.do('server resize confirm first')
        await untilServer(client, 'first', 'ACTIVE')
        assert.match(JSON.stringify((await client.json('server show first')).flavor), /m1\.small/)
        if (!real) return
        await inside('first').ready()
        assert.equal(await inside('first').sh('cat /root/mine'), 'mine')
      },
    },
    {
      name: 'rebuild starts from the image again',
      async run() {
        await client.json('server rebuild --image story-image first')
        await untilServer(client, 'first', 'ACTIVE')
        if (!real) return
        await inside('first').ready()
        assert.equal(await inside('first').sh('test -e /root/mine && echo there || echo gone'), 'gone')
      },
    },
    {
      name: 'stop and start',
      async run() {
        await client.do('server stop second')
        await untilServer(client, 'second', 'SHUTOFF')
        await client.do('server start second')
        await untilServer(client, 'second', 'ACTIVE')
        if (real) await inside('second').ready()
      },
    },
    {
      name: 'all is deleted',
      async run() {
        await client.do('server remove volume second story-volume')
        await untilVolume('available')
        await client.do('server delete --wait first second third')
        await client.do('volume delete story-volume')
        for (const row of await client.json('floating ip list')) await client.do(`floating ip delete ${row.ID}`)
        await client.do('router remove subnet story-router story-subnet')
        await client.do('router delete story-router')
        await client.do('network delete story-net')
        await client.do('security group delete story-open story-closed')
        await client.do('keypair delete story-key')
        await client.do('image delete story-image story-snapshot')
        await untilWithin('the volume to be gone', 60_000, async () => (await client.json('volume list')).length === 0 || undefined)
        assert.deepEqual(await client.json('server list'), [])
      },
    },
  ]
}
