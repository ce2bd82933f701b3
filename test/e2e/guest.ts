// A log-in to a guest by Debian's ssh with the story's key pair.
import assert from 'node:assert/strict'
import type { Place } from './place.ts'
import { untilWithin } from '../support/until.ts'

const answerLimitMs = 90_000

export interface Guest {
  address: string
  /** Runs a shell command there; its output without the last line end. */
  sh(command: string): Promise<string>
  /** Waits until the log-in works. */
  ready(): Promise<void>
  /** whether it lets us in at this moment */
  letsIn(): Promise<boolean>
}

export function guest(place: Place, address: string, key: string): Guest {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=4',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
  ]
  const ssh = (command: string) =>
    place.run(['ssh', '-F', 'none', '-i', key, ...options.flatMap((it) => ['-o', it]), `cloud@${address}`, command])
  const letsIn = async () => (await ssh('true')).code === 0
  return {
    address,
    letsIn,
    async sh(command) {
      const { code, stdout, stderr } = await ssh(command)
      assert.equal(code, 0, `ssh ${address} ${command}: ${stdout}${stderr}`)
      return stdout.trimEnd()
    },
    async ready() {
      await untilWithin(`ssh to ${address}`, answerLimitMs, async () => (await letsIn()) || undefined)
    },
  }
}
