// Guests for packet tests: a namespace whose device sits on the network under the name of its port's tap, with a
// small program inside that does what a test asks. Tests only.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { tapName } from '../../../src/host/network/names.ts'
import { batch, run } from '../../../src/host/network/run.ts'

export interface Guest {
  name: string
  portId: string
  mac: string
  /** Runs one operation of guest.py. */
  ask<T = unknown>(op: string, args?: Record<string, unknown>): Promise<T>
  /** Sets an address by hand, and a default route. */
  address(cidr: string, gateway?: string): Promise<void>
  end(): Promise<void>
}

export interface GuestPlace {
  portId: string
  mac: string
  /** no device of its own: the program runs in this namespace (null: where the test is) */
  within?: string | null
  /** the program holds this tap, as this user, like a QEMU */
  tap?: { name: string; uid: number }
}

/** Starts a guest. Its outer device exists afterwards, and the driver wires it at its next apply. */
export async function startGuest(name: string, place: GuestPlace): Promise<Guest> {
  const { portId, mac } = place
  const own = place.within === undefined
  if (own) {
    await run(['ip', 'netns', 'add', name])
    const faults = await batch([`link add name ${tapName(portId)} type veth peer name eth0 address ${mac} netns ${name}`])
    if (faults.size > 0) throw new Error([...faults.values()].join('; '))
    const script = 'for part in default all eth0; do echo 0 > /proc/sys/net/ipv6/conf/$part/accept_dad; done'
    await run(['sh', '-c', script], { namespace: name })
    await batch(['link set lo up', 'link set eth0 up'], { namespace: name })
  }
  const program = ['/usr/bin/python3', join(import.meta.dirname, 'guest.py')]
  const as = place.tap ? ['setpriv', `--reuid=${place.tap.uid}`, `--regid=${place.tap.uid}`, '--clear-groups', '--'] : []
  const enter = own || place.within ? ['nsenter', `--net=/run/netns/${place.within ?? name}`, '--'] : []
  const [file = '', ...args] = [...enter, ...as, ...program]
  const env = place.tap ? { ...process.env, TAP: place.tap.name } : process.env
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const ask = conversation(child)
  return {
    name,
    portId,
    mac,
    ask,
    async address(cidr, gateway) {
      const family = cidr.includes(':') ? '-6 ' : ''
      const lines = [
        `address add ${cidr} dev eth0${family ? ' nodad' : ''}`,
        ...(gateway ? [`${family}route add default via ${gateway}`] : []),
      ]
      const faults = await batch(lines, { namespace: name })
      if (faults.size > 0) throw new Error([...faults.values()].join('; '))
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('close', resolve))
        child.kill('SIGKILL')
        await ended
      }
      if (own) await run(['ip', 'netns', 'del', name])
    },
  }
}

/** One question at a time, one line each way. */
function conversation(child: ChildProcess): Guest['ask'] {
  const waiting: { resolve: (value: never) => void; reject: (error: Error) => void }[] = []
  if (!child.stdout) throw new Error('the guest has no output')
  createInterface(child.stdout).on('line', (line) => {
    const answer = JSON.parse(line) as { result?: never; error?: string }
    const asker = waiting.shift()
    if (answer.error === undefined) asker?.resolve(answer.result as never)
    else asker?.reject(new Error(answer.error))
  })
  let gone = false
  child.stdin?.on('error', () => undefined) // told by 'close'
  child.on('close', () => {
    gone = true
    for (const asker of waiting) asker.reject(new Error('the guest is gone'))
  })
  return (op, args = {}) =>
    new Promise((resolve, reject) => {
      if (gone) return reject(new Error('the guest is gone'))
      waiting.push({ resolve, reject })
      child.stdin?.write(`${JSON.stringify({ op, ...args })}\n`)
    })
}
