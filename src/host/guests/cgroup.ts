// A cgroup per guest where the machine lets us have one: processor share by vcpus and a limit on threads. Below the
// host's own group, so that limits set on the host hold for its guests. Without cgroups guests run all the same.
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { type Clock, delay } from '../../platform/clock.ts'

const root = '/sys/fs/cgroup'
const maxThreads = 512

/** The directories that a guest's group has, one per controller (version 1) or one for all (version 2). */
function groupDirs(): { dir: string; kind: 'cpu' | 'pids' | 'v2' }[] {
  if (statSync(`${root}/cgroup.controllers`, { throwIfNoEntry: false })) return [{ dir: `${root}/stackling`, kind: 'v2' }]
  const paths = new Map<string, string>()
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = line.split(':')
    for (const controller of controllers?.split(',') ?? []) paths.set(controller, path ?? '/')
  }
  return (['cpu', 'pids'] as const).flatMap((kind) => {
    const path = paths.get(kind)
    const own = path === undefined ? null : `${root}/${kind}${path === '/' ? '' : path}`
    // in a namespace whose /sys was mounted anew (ip netns exec) there are no cgroups to be seen
    return own !== null && statSync(`${own}/cgroup.procs`, { throwIfNoEntry: false }) ? [{ dir: `${own}/stackling`, kind }] : []
  })
}

/** Puts the process into the guest's group. Returns why not, or null. */
export function joinCgroup(id: string, of: { pid: number; vcpus: number }): string | null {
  try {
    for (const { dir, kind } of groupDirs()) {
      const group = `${dir}/${id}`
      if (kind === 'v2') {
        writeFileSync(`${root}/cgroup.subtree_control`, '+cpu +pids')
        makeGroup(dir)
        writeFileSync(`${dir}/cgroup.subtree_control`, '+cpu +pids')
      }
      makeGroup(dir)
      makeGroup(group)
      if (kind === 'cpu') writeFileSync(`${group}/cpu.shares`, String(1024 * of.vcpus))
      if (kind === 'v2') writeFileSync(`${group}/cpu.weight`, String(Math.min(10_000, 100 * of.vcpus)))
      if (kind !== 'cpu') writeFileSync(`${group}/pids.max`, String(maxThreads + of.vcpus))
      writeFileSync(`${group}/cgroup.procs`, String(of.pid))
    }
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** One level at a time: Node's recursive mkdir does not end on a file system that refuses with ENOENT. */
function makeGroup(dir: string): void {
  try {
    mkdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Takes the guest's group away; its process must be gone. The kernel may need a moment to notice. */
export async function removeCgroup(id: string, clock: Clock): Promise<void> {
  for (const { dir } of groupDirs()) {
    for (let tries = 0; tries < 40 && !removeEmpty(`${dir}/${id}`); tries++) await delay(clock, 50)
    removeEmpty(dir) // the last one takes the common group along
  }
}

/** False: something is in it. */
function removeEmpty(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false
    if (['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(code)) return true // not there, or not ours to take away
    throw error
  }
}
