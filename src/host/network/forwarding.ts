// The machine as a router for its reachable networks: IPv4 forwarding is switched on while somebody needs it and
// put back by the last cloud that leaves. The count lies in a directory per network namespace.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const setting = '/proc/sys/net/ipv4/ip_forward'

const place = () => `/run/stackling/forwarding-${statSync('/proc/self/ns/net').ino}`

/** Switches forwarding on for this cloud. */
export function takeForwarding(instance: string): void {
  const directory = place()
  if (existsSync(join(directory, instance)) && readFileSync(setting, 'utf8').trim() === '1') return
  mkdirSync(directory, { recursive: true })
  // a zero now was a zero before, whatever a namespace of this number left here
  const now = readFileSync(setting, 'utf8').trim()
  if (now === '0' || !existsSync(join(directory, 'was'))) writeFileSync(join(directory, 'was'), now)
  writeFileSync(join(directory, instance), '')
  writeFileSync(setting, '1')
}

/** Gives it back; the last one restores what was. */
export function giveForwardingBack(instance: string): void {
  const directory = place()
  if (!existsSync(join(directory, instance))) return
  rmSync(join(directory, instance))
  if (readdirSync(directory).some((name) => name !== 'was')) return
  writeFileSync(setting, readFileSync(join(directory, 'was'), 'utf8'))
  rmSync(directory, { recursive: true })
}
