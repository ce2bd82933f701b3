// The official client, as a person uses it: /usr/bin/openstack with OS_CLOUD and OS_CLIENT_CONFIG_FILE and no other
// OpenStack variable. One interactive session takes all commands, since starting Python anew costs two seconds.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

const commandTimeoutMs = 300_000

export interface Client {
  /** Runs a command that prints an object or a list, and reads it. */
  json(command: string): Promise<any>
  /** Runs a command that prints text. */
  text(command: string): Promise<string>
  /** Runs a command that prints nothing to read. */
  do(command: string): Promise<void>
  /** Runs a command that must be refused, and gives back what the client said. */
  refused(command: string): Promise<string>
  close(): void
}

/** Starts the session, and logs in, at the first command. */
export function openClient(place: Place, options: { cloud: string; cloudsYaml: string; home: string }): Client {
  let session: ChildProcessWithoutNullStreams | undefined
  let turn = 0
  const marker = join(options.home, 'end-of-command')

  function start(): ChildProcessWithoutNullStreams {
    // ends a command's output on both streams; the session's own redirections do not reach a second stream
    writeFileSync(marker, '#!/bin/sh\necho "$1"\necho "$1" >&2\n', { mode: 0o755 })
    const [command = '', ...rest] = [...place.prefix, '/usr/bin/openstack']
    const env = {
      PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
      HOME: options.home,
      LANG: 'C.UTF-8',
      PYTHONUNBUFFERED: '1',
      OS_CLOUD: options.cloud,
      OS_CLIENT_CONFIG_FILE: options.cloudsYaml,
    }
    return spawn(command, rest, { env, stdio: 'pipe', cwd: options.home })
  }

  async function call(line: string): Promise<{ stdout: string; stderr: string }> {
    session ??= start()
    if (session.exitCode !== null || session.signalCode !== null) throw new Error(`the client has ended before "${line}"`)
    const mark = `END-OF-COMMAND-${++turn}`
    const answered = read(session, mark, line)
    session.stdin.write(`${line}\n!${marker} ${mark}\n`)
    return answered
  }

  return {
    async json(line) {
      const { stdout, stderr } = await call(`${line} -f json`)
      if (!/^\s*[[{]/.test(stdout)) throw new Error(`openstack ${line}: ${stderr.trim() || stdout.trim() || 'no answer'}`)
      return JSON.parse(stdout)
    },
    async text(line) {
      const { stdout, stderr } = await call(line)
      if (stdout.trim() === '' && stderr.trim() !== '') throw new Error(`openstack ${line}: ${stderr.trim()}`)
      return stdout
    },
    async do(line) {
      const { stderr } = await call(line)
      const complaints = stderr.split('\n').filter((text) => text.trim() !== '' && !/warning/i.test(text))
      if (complaints.length > 0) throw new Error(`openstack ${line}: ${complaints.join('\n')}`)
    },
    async refused(line) {
      const { stderr } = await call(line)
      if (stderr.trim() === '') throw new Error(`openstack ${line}: it was not refused`)
      return stderr
    },
    close: () => void session?.kill(),
  }
}

/** What the session prints until the mark has come on both streams. */
function read(session: ChildProcessWithoutNullStreams, mark: string, line: string): Promise<{ stdout: string; stderr: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ stdout: string; stderr: string }>()
  const texts = { stdout: '', stderr: '' }
  const streams = [session.stdout, session.stderr]
  const hear = [(text: Buffer) => void (texts.stdout += text.toString()), (text: Buffer) => void (texts.stderr += text.toString())]
  const look = () => {
    const ends = [texts.stdout.indexOf(`${mark}\n`), texts.stderr.indexOf(`${mark}\n`)]
    if (ends.includes(-1)) return
    done()
    resolve({ stdout: texts.stdout.slice(0, ends[0]), stderr: texts.stderr.slice(0, ends[1]) })
  }
  const ended = () => {
    done()
    reject(new Error(`the client ended at "${line}": ${texts.stderr}`))
  }
  const timer = setTimeout(() => {
    done()
    session.kill('SIGKILL')
    reject(new Error(`no answer to "${line}" in ${commandTimeoutMs / 1000} s: ${texts.stdout}${texts.stderr}`))
  }, commandTimeoutMs)
  const done = () => {
    clearTimeout(timer)
    session.off('exit', ended)
    streams.forEach((stream, index) => stream.off('data', hear[index] ?? look).off('data', look))
  }
  session.once('exit', ended)
  streams.forEach((stream, index) => stream.on('data', hear[index] ?? look).on('data', look))
  return promise
}
