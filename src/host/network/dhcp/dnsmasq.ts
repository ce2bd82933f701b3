// A dnsmasq process per namespace: started, told of changes, found again after a restart of ours, ended. It
// survives the control process; what proves that a pid is ours is the path of its configuration on its command line.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HostError } from '../../../contract/call.ts'
import { attempt, run } from '../run.ts'

export interface DaemonFiles {
  /** a change needs a new process */
  config: string
  /** file name → text; a change needs a SIGHUP */
  reloaded: Record<string, string>
}

export interface Daemons {
  /** Makes the daemon run with these files. `restart`: even when the configuration is the same. */
  ensure(name: string, files: DaemonFiles, where: { namespace: string; restart: boolean }): Promise<void>
  remove(name: string): Promise<void>
  /** The pid of a daemon that runs, null when it does not. */
  pid(name: string): number | null
  /** Every name that has a directory. */
  names(): string[]
  read(name: string, file: string): string | null
  write(name: string, file: string, text: string): void
}

/** Daemons whose files lie under `directory`, which others may traverse: dnsmasq reads them as nobody. */
export function createDaemons(directory: string): Daemons {
  const at = (name: string, file = '') => join(directory, name, file)
  const read = (name: string, file: string) => (existsSync(at(name, file)) ? readFileSync(at(name, file), 'utf8') : null)
  const write = (name: string, file: string, text: string) => {
    mkdirSync(at(name), { recursive: true })
    for (const folder of [directory, at(name)]) chmodSync(folder, 0o755) // whatever the umask: dnsmasq reads as nobody
    writeFileSync(at(name, `${file}.new`), text)
    chmodSync(at(name, `${file}.new`), 0o644)
    renameSync(at(name, `${file}.new`), at(name, file))
  }
  const pid = (name: string) => {
    const number = Number(read(name, 'pid')?.trim() || '0')
    return number > 0 && commandLine(number).includes(`--conf-file=${at(name, 'config')}`) ? number : null
  }
  const stop = async (name: string) => {
    const number = pid(name)
    if (number === null) return
    process.kill(number, 'SIGTERM')
    // a `sleep` between looks: real daemons take real time, and a child keeps the event loop of a short command alive
    for (let looks = 0; pid(name) !== null; looks += 1) {
      if (looks === 200) process.kill(number, 'SIGKILL')
      if (looks > 400) throw new HostError('failed', `dnsmasq ${number} of ${name} does not end`)
      await attempt(['sleep', '0.005'])
    }
  }
  return {
    pid,
    read,
    write,
    names: () => (existsSync(directory) ? readdirSync(directory) : []),
    async ensure(name, { config, reloaded }, { namespace, restart }) {
      const changed = Object.entries(reloaded).filter(([file, text]) => read(name, file) !== text)
      for (const [file, text] of changed) write(name, file, text)
      const running = pid(name)
      if (running !== null && !restart && read(name, 'config') === config) {
        if (changed.length > 0) process.kill(running, 'SIGHUP')
        return
      }
      await stop(name)
      write(name, 'config', config)
      // returns when it listens; a mistake in the configuration or a taken port is its exit code
      await run(['dnsmasq', `--conf-file=${at(name, 'config')}`], { namespace })
    },
    async remove(name) {
      await stop(name)
      rmSync(at(name), { recursive: true, force: true })
    },
  }
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // it is gone
  }
}
