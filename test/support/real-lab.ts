// The ground on which the real drivers are tested: a data directory with a long name, a guest image, no network but
// taps of its own. Run it in a network namespace of its own (`inOwnNamespace`); it starts and ends only what is its.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guestImage } from '../../src/server/guest-image.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { HostNetwork } from '../../src/contract/network.ts'
import { type Guests, tapName } from '../../src/contract/guests.ts'
import type { Volumes } from '../../src/contract/volumes.ts'
import type { ImageCache, ImageSource } from '../../src/contract/images.ts'
import { HostError } from '../../src/contract/call.ts'
import { createGate } from '../../src/host/gate.ts'
import { createQemuGuests, type QemuGuests } from '../../src/host/guests/qemu.ts'
import { findProcesses } from '../../src/host/guests/process.ts'
import { createImageFiles } from '../../src/host/images/files.ts'
import type { LocalImages } from '../../src/host/images/local-images.ts'
import { openTunDevice } from '../../src/host/network/l2/tun-device.ts'
import { qemuVersion } from '../../src/host/inventory.ts'
import { fileJournal } from '../../src/host/journal.ts'
import { createGuestUsers } from '../../src/host/guest-users.ts'
import { createVolumeFiles } from '../../src/host/volumes/files.ts'

const imageVariable = 'STACKLING_LAB_IMAGE'

/** Why the real drivers cannot be tested here; false when they can. */
export function cannotBeReal(): string | false {
  if (process.getuid?.() !== 0) return 'needs root'
  for (const program of ['qemu-system-x86_64', 'qemu-img', 'ip'])
    if (spawnSync(program, ['--version']).error) return `${program} is not installed`
  return false
}

/** Runs a test file again in a network namespace of its own, without a way out; its report when it failed. */
export async function inOwnNamespace(file: string): Promise<{ ok: boolean; report: string }> {
  const image = await guestImage({ dataDir: tmpdir(), drivers: 'real' }, silentLog) // its packages come from outside
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env
  const argv = ['-n', process.execPath, '--test-isolation=none', '--test', '--test-reporter=spec', file]
  const { status, stdout, stderr } = spawnSync('unshare', argv, {
    env: { ...env, [imageVariable]: image.path },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return { ok: status === 0, report: `${stdout}\n${stderr}` }
}

/** The guest image's file, for the tests that run in the namespace; undefined outside. */
export const labImage: string | undefined = process.env[imageVariable]

/** An image file as a store of one image. */
export function imageFileSource(imageId: string, path: string): ImageSource {
  const hashValue = createHash('sha512').update(readFileSync(path)).digest('hex')
  return {
    async open(id) {
      if (id !== imageId) throw new HostError('not_found', `there is no image ${id}`)
      return { stream: createReadStream(path), sizeBytes: statSync(path).size, diskFormat: 'qcow2', hashAlgorithm: 'sha512', hashValue }
    },
  }
}

/** Taps that belong to the guests' user and lead nowhere. */
function tapsOnly(): Pick<HostNetwork, 'ensureTap' | 'removeTap'> & { taps(): string[] } {
  openTunDevice()
  // not /sys/class/net: that is the namespace's in which /sys was mounted
  const taps = (): string[] => [...readFileSync('/proc/net/dev', 'utf8').matchAll(/(tap[0-9a-z-]+):/g)].map((match) => match[1] ?? '')
  return {
    taps,
    async ensureTap({ portId }, _generation, owner) {
      const name = tapName(portId)
      if (!taps().includes(name))
        execFileSync('ip', ['tuntap', 'add', name, 'mode', 'tap', 'user', String(owner?.uid), 'group', String(owner?.gid)])
      execFileSync('ip', ['link', 'set', name, 'up'])
      return name
    },
    async removeTap(portId) {
      if (taps().includes(tapName(portId))) execFileSync('ip', ['link', 'del', tapName(portId)])
    },
  }
}

/** guests of the lab are nobody that this machine knows */
const labUsers = { start: 1_879_000_000, count: 1000 }

export interface RealLab {
  readonly guests: Guests
  readonly volumes: Volumes
  readonly images: ImageCache
  dataDir: string
  restart(): Promise<void>
  kill(id: string): Promise<void>
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

export async function openRealLab({ imageId, source }: { imageId: string; source: ImageSource }): Promise<RealLab> {
  const scratch = mkdtempSync(join(tmpdir(), 'host-lab-'))
  // longer than a UNIX socket's path may be, and below a directory that guests' user cannot enter
  const dataDir = join(scratch, 'a-directory-with-a-name-that-is-too-long-for-any-socket'.repeat(2))
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  const alive = setInterval(() => undefined, 1000) // the product's timers do not keep a process running
  const network = tapsOnly()
  const version = await qemuVersion()
  const open = async () => {
    const journal = fileJournal(join(dataDir, 'fences'))
    const gate = createGate(journal)
    const given = fileJournal(join(dataDir, 'users'))
    const users = createGuestUsers(labUsers, given)
    const images: LocalImages = await createImageFiles({
      directory: join(dataDir, 'bases'),
      source,
      clock: systemClock,
      user: users.bases,
      inUse: () => guests.imagesInUse(),
    })
    const options = { dataDir, images, network, clock: systemClock, log: silentLog, gate, users, accelerator: 'tcg' as const, version }
    const guests: QemuGuests = await createQemuGuests({ ...options, shutdownTimeoutMs: 40_000 })
    const volumes = await createVolumeFiles({ directory: join(dataDir, 'volumes'), images, live: guests.liveDisks, gate, users })
    return { guests, volumes, images, journals: [journal, given] }
  }
  let host = await open()
  const known = new Set<string>()
  await host.images.ensure(imageId, { fence: 0, requestId: 'req-lab' })
  const guestsDir = join(dataDir, 'guests')
  return {
    get guests(): Guests {
      const { guests } = host
      return { ...guests, apply: (spec, call) => (known.add(spec.id), guests.apply(spec, call)) }
    },
    get volumes() {
      return host.volumes
    },
    get images() {
      return host.images
    },
    dataDir,
    async restart() {
      await host.guests.close()
      for (const journal of host.journals) journal.close()
      host = await open()
    },
    async kill(id) {
      const { pid } = await host.guests.observe(id)
      if (pid === null) throw new Error(`the guest ${id} has no process`)
      process.kill(pid, 'SIGKILL')
    },
    async leftovers() {
      const processes = [...findProcesses(guestsDir).values()].map(({ pid }) => `process ${pid}`)
      return [...processes, ...readdirSync(guestsDir), ...network.taps(), ...groupsOf(known)]
    },
    async close() {
      await host.guests.close()
      for (const journal of host.journals) journal.close()
      clearInterval(alive)
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

/** cgroups of guests that this lab knows */
const groupsOf = (ids: Iterable<string>) =>
  [...ids].flatMap((id) => ['cpu/', 'pids/', ''].map((kind) => `/sys/fs/cgroup/${kind}stackling/${id}`)).filter((dir) => existsSync(dir))

/** The shell's prompt; busybox asks for the cursor's place behind it. */
const isPrompt = (text: string) => text.endsWith('# ') || text.endsWith('# \u001b[6n')

/** The word in two, so that its echo is not taken for its output. */
const split = (word: string) => `${word.slice(0, 4)}''${word.slice(4)}`

/** Types a line at the guest's serial console, logged in as root, and returns what came back after it. */
export function typeInGuest(socketPath: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    const marker = 'lab-done'
    let text = ''
    let answer: string | undefined
    let stage: 'login' | 'password' | 'prompt' | 'answer' = 'login'
    const limit = setTimeout(
      () => socket.destroy(new Error(`the console stopped at ${stage}: ${JSON.stringify(text.slice(-200))}`)),
      60_000,
    )
    const say = (next: typeof stage, words: string) => {
      stage = next
      text = ''
      socket.write(`${words}\n`)
    }
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(limit)
      resolve(answer ?? text)
    })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1').replaceAll('\r', '')
      // what the system says meanwhile, behind a prompt too, which is still there
      const asked = text.replace(/stackling-linux: .*\n/g, '')
      if (stage === 'login' && asked.endsWith('login: ')) say('password', 'cloud')
      else if (stage === 'password' && asked.endsWith('Password: ')) say('prompt', 'lab-password')
      else if ((stage === 'prompt' || stage === 'login') && isPrompt(asked))
        say('answer', `echo ${split('lab-begin')}; ${line}; echo ${split(marker)}`)
      else if (stage === 'answer' && text.includes(marker)) {
        answer ??= text
          .slice(text.indexOf('\nlab-begin\n') + '\nlab-begin\n'.length, text.lastIndexOf(marker))
          .replace(/^stackling-linux: .*\n/gm, '')
          .trimEnd() // what the system says meanwhile
        socket.end()
      }
    })
    socket.write('\n')
  })
}
