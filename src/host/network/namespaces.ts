// Named network namespaces: made, found again and taken away. A name is a file under /run/netns with the
// namespace bound on it; the host process may itself run inside one (`ip netns exec lab …`), whose mounts nobody
// else sees: after a restart the bindings of the old process are fetched through a daemon that still holds them.
import { existsSync, rmSync, statfsSync, statSync } from 'node:fs'
import { namespacePath } from './names.ts'
import { attempt, run } from './run.ts'

const nsfsMagic = 0x6e736673

const isBound = (path: string) => {
  try {
    return statfsSync(path).type === nsfsMagic
  } catch {
    return false // no such file, or its process is gone
  }
}

export const namespaceExists = (name: string): boolean => isBound(namespacePath(name))

/** What tells a namespace from a later one of the same name. */
export const namespaceInode = (name: string): number => (namespaceExists(name) ? statSync(namespacePath(name)).ino : 0)

/** Settings of a namespace before its first device: no address tests (they are ours alone), no surprises from RAs. */
const baseSettings = [
  'net/ipv6/conf/default/accept_dad=0',
  'net/ipv6/conf/all/accept_dad=0',
  'net/ipv6/conf/default/accept_ra=0',
  'net/ipv6/conf/all/accept_ra=0',
  'net/ipv4/conf/all/send_redirects=0',
  'net/ipv4/conf/default/send_redirects=0',
]
const routerSettings = [
  'net/ipv4/ip_forward=1',
  'net/ipv6/conf/all/forwarding=1',
  'net/ipv6/conf/default/forwarding=1',
  'net/ipv4/conf/all/arp_ignore=1',
  'net/ipv4/conf/all/arp_announce=2',
  'net/ipv6/conf/default/ndisc_notify=1',
]

/** Makes the namespace, or finds it again. True when it is new. `donors`: processes that may still hold it. */
export async function namespaceEnsure(name: string, kind: 'router' | 'dhcp', donors: number[]): Promise<boolean> {
  if (namespaceExists(name)) return false
  const path = namespacePath(name)
  if (existsSync(path)) {
    const donor = donors.map((pid) => `/proc/${pid}/root${path}`).find(isBound)
    // -c: the path must be walked through the donor's root, not resolved to our own file of that name
    if (donor && (await attempt(['mount', '-c', '--bind', donor, path])).code === 0 && isBound(path)) return false
    rmSync(path, { force: true })
  }
  await run(['ip', 'netns', 'add', name])
  await writeSettings(name, kind === 'router' ? [...baseSettings, ...routerSettings] : baseSettings)
  await run(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
  return true
}

/** Kernel settings inside a namespace: /proc/sys/net shows those of whoever opens it. */
async function writeSettings(namespace: string, settings: string[]): Promise<void> {
  // a kernel without IPv6 has not all of them
  const script = 'cd /proc/sys && while read -r path value; do [ ! -e "$path" ] || echo "$value" > "$path" || exit 1; done'
  const input = settings.map((setting) => `${setting.replace('=', ' ')}\n`).join('')
  await run(['sh', '-c', script], { namespace, input })
}

/** Takes the namespace away with all that is in it. */
export async function namespaceRemove(name: string): Promise<void> {
  if (!existsSync(namespacePath(name))) return
  if (namespaceExists(name)) await run(['ip', 'netns', 'del', name])
  else rmSync(namespacePath(name), { force: true })
}
