// What `doctor` looks at, one function each: they read this machine and change nothing.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { chooseAccelerator, probeAccelerator } from '../host/guests/accelerator.ts'
import type { DataDir } from './data-dir.ts'
import { debianPackages, findProgram } from './debian-packages.ts'

export interface Finding {
  what: string
  verdict: 'ok' | 'warn' | 'fail'
  text: string
  /** what to do about it */
  remedy?: string
}

const mib = 1024 * 1024
const can = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false // that is the answer
  }
}

export function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const text = `Node ${process.versions.node}, SQLite ${process.versions.sqlite}`
  return major >= 24
    ? { what: 'node', verdict: 'ok', text }
    : { what: 'node', verdict: 'fail', text, remedy: 'start it by ./stackling, which brings Node 24' }
}

export function checkMachine(): Finding {
  const memoryMib = Math.round(totalmem() / mib)
  const text = `${availableParallelism()} cores, ${memoryMib} MiB of memory, ${Math.round(freemem() / mib)} MiB free`
  return memoryMib >= 1024
    ? { what: 'machine', verdict: 'ok', text }
    : { what: 'machine', verdict: 'warn', text, remedy: 'a guest takes about 250 MiB: 2 GiB are a good start' }
}

export function checkDisk(dir: DataDir): Finding {
  let path = dir.path
  while (!existsSync(path)) path = dirname(path)
  const { bavail, bsize } = statfsSync(path)
  const freeGib = (bavail * bsize) / 1024 ** 3
  const text = `${freeGib.toFixed(1)} GiB free for ${dir.path}`
  if (!can(path, constants.W_OK))
    return { what: 'disk', verdict: 'fail', text: `${path} cannot be written`, remedy: 'choose another --data, or run as its owner' }
  if (freeGib < 0.25) return { what: 'disk', verdict: 'fail', text, remedy: 'free some space or choose another --data' }
  return freeGib < 5
    ? { what: 'disk', verdict: 'warn', text, remedy: 'images and guests need a few GiB' }
    : { what: 'disk', verdict: 'ok', text }
}

export function checkPrivileges(): Finding {
  if (process.getuid?.() === 0) return { what: 'privileges', verdict: 'ok', text: 'root: real guests and networks are possible' }
  return {
    what: 'privileges',
    verdict: 'warn',
    text: 'not root: guests and networks are simulated',
    remedy: 'run as root (sudo ./stackling up) for real ones',
  }
}

export function checkPackages(): Finding {
  const real = debianPackages().filter((it) => it.kind === 'real')
  const missing = real.filter((it) => !findProgram(it.program))
  if (missing.length === 0) return { what: 'packages', verdict: 'ok', text: `${real.map((it) => it.name).join(', ')} are there` }
  const text = `missing: ${missing.map((it) => `${it.name} (${it.purpose})`).join(', ')}`
  return {
    what: 'packages',
    verdict: 'warn',
    text,
    remedy: `apt-get install ${missing.map((it) => it.name).join(' ')}, or ./stackling up as root, which does it`,
  }
}

/** How guests run, by the same facts that the hypervisor driver goes by. */
export function checkAccelerator(): Finding {
  const what = 'guests'
  const facts = probeAccelerator()
  if (chooseAccelerator(facts) === 'kvm') return { what, verdict: 'ok', text: 'KVM' }
  const slow = 'guests run under plain emulation (TCG): a small Linux boots in about ten seconds'
  if (!existsSync('/dev/kvm')) {
    return {
      what,
      verdict: 'warn',
      text: `no /dev/kvm: ${slow}`,
      remedy: 'switch on virtualisation in the firmware, or nested virtualisation in the host',
    }
  }
  if (!facts.kvmDevice)
    return { what, verdict: 'warn', text: `/dev/kvm cannot be opened: ${slow}`, remedy: 'run as root or join the group kvm' }
  return {
    what,
    verdict: 'warn',
    text: `/dev/kvm is there, but the processor shows neither svm nor vmx, so it does not really run guests: ${slow}`,
  }
}

export function checkNamespaces(): Finding {
  const what = 'namespaces'
  if (!existsSync('/proc/self/ns/net'))
    return { what, verdict: 'fail', text: 'the kernel has no network namespaces', remedy: 'use --drivers fake' }
  if (process.getuid?.() !== 0) return { what, verdict: 'ok', text: 'the kernel has network namespaces; without root they are not used' }
  // the second is what `ip netns exec` does first; below a chroot it fails, because `/` is no mount there
  const tried = spawnSync('unshare', ['--net', '--mount', '--propagation', 'unchanged', 'mount', '--make-rslave', '/'], {
    encoding: 'utf8',
    timeout: 5_000,
  })
  if (tried.status === 0) return { what, verdict: 'ok', text: 'network and mount namespaces can be made' }
  return {
    what,
    verdict: 'fail',
    text: `they cannot be made: ${tried.stderr.trim().split('\n')[0]}`,
    remedy: 'in a container: run it privileged; in a chroot: mount it on itself first (mount --bind); or use --drivers fake',
  }
}

export function checkTun(): Finding {
  const what = 'tap devices'
  if (can('/dev/net/tun', constants.R_OK | constants.W_OK)) return { what, verdict: 'ok', text: '/dev/net/tun can be opened' }
  return {
    what,
    verdict: 'warn',
    text: '/dev/net/tun cannot be opened: no real networks',
    remedy: 'modprobe tun, or pass the device into the container',
  }
}
