// Guests resolve outside names by the machine's own resolvers, wherever these listen and whether the network has a way out
// or not. Run inside a namespace of its own by real.real.test.ts.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { labCloud } from './cloud.ts'
import { dhcp, group, idOf, macOf, network, port, rule, spec } from './specs.ts'

interface Answer {
  code: number | null
  addresses: string[]
  seconds: number
}

const subnet = {
  id: idOf('s'),
  cidr: '10.0.0.0/24',
  ipVersion: 4 as const,
  serverIp: '10.0.0.2',
  gatewayIp: null,
  enableDhcp: true,
  ipv6Mode: null,
  dnsNameservers: [],
  hostRoutes: [],
  mtuBytes: 1450,
}
const lease = { portId: idOf('a'), mac: macOf('a'), ips: ['10.0.0.11'], hostname: 'inner', options: [] }
// no router at all: the network has no way out
const story = spec({
  networks: [network('n1')],
  ports: [port('a', 'n1', { fixedIps: ['10.0.0.11'] })],
  securityGroups: [group('default', [rule({}), rule({ direction: 'egress' })])],
  dhcp: [dhcp('n1', { subnets: [subnet], leases: [lease] })],
})

/** What a resolver of the machine would say: every name is at 192.0.2.7. */
const answerTo = (question: Buffer): Buffer => {
  const message = Buffer.concat([question, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7])])
  message[2] = 0x81
  message[3] = 0x80
  message.writeUInt16BE(1, 6)
  return message
}

/** A resolver on the machine's loopback device, as systemd-resolved is one. */
async function startResolver(address: string): Promise<{ asked: () => number; stop(): Promise<void> }> {
  let asked = 0
  const datagrams = createSocket('udp4')
  datagrams.on('message', (question, from) => {
    asked++
    datagrams.send(answerTo(question.subarray(0, question.length)), from.port, from.address)
  })
  const connections = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (data) => {
      asked++
      const answer = answerTo(data.subarray(2))
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      socket.write(Buffer.concat([length, answer]))
    })
  })
  await new Promise<void>((resolve) => datagrams.bind(53, address, resolve))
  await new Promise<void>((resolve) => connections.listen(53, address, resolve))
  return {
    asked: () => asked,
    async stop() {
      await new Promise<void>((resolve) => datagrams.close(resolve))
      connections.close()
    },
  }
}

test('first use 7: a guest resolves an outside name by the machine’s resolver, by datagram and by connection, on a network without a way out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackling-names-'))
  const resolvConf = join(folder, 'resolv.conf')
  writeFileSync(resolvConf, '# the machine\nnameserver 127.0.0.53\noptions edns0\n')
  const resolver = await startResolver('127.0.0.53')
  {
    await using cloud = await labCloud({ resolvConf })
    const a = await cloud.guest('a')
    await cloud.apply(story)
    await a.address('10.0.0.11/24')
    const ask = (name: string, tcp = false) => a.ask<Answer>('dns', { to: '10.0.0.2', name, tcp })
    assert.deepEqual(
      [(await ask('deb.debian.org')).addresses, (await ask('deb.debian.org', true)).addresses],
      [['192.0.2.7'], ['192.0.2.7']],
    )
    assert.ok(resolver.asked() >= 1)
    const before = resolver.asked()
    assert.deepEqual((await ask('inner')).addresses, ['10.0.0.11'], 'names of the network are its own')
    assert.equal(resolver.asked(), before)

    await resolver.stop()
    const failed = await ask('www.example.org')
    assert.equal(failed.code, 2, `it is said that nobody answers: ${JSON.stringify(failed)}`)
    writeFileSync(resolvConf, '')
    assert.notEqual((await ask('ftp.example.org')).code, null, 'a machine without a resolver says so, too')
    // the machine has moved: its new resolver is asked without anything being told
    const moved = await startResolver('127.0.0.9')
    writeFileSync(resolvConf, 'nameserver 127.0.0.9\n')
    assert.deepEqual((await ask('new.example.org')).addresses, ['192.0.2.7'])
    await cloud.restart()
    await cloud.apply(spec({ ...story }))
    assert.deepEqual((await ask('again.example.org')).addresses, ['192.0.2.7'], 'a new process of ours answers for the same dnsmasq')
    await moved.stop()
  }
  rmSync(folder, { recursive: true })
})
