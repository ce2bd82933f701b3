// A server by the official client, waited for until it is ACTIVE; one that fails says why.
import assert from 'node:assert/strict'
import type { Client } from './client.ts'
import { untilWithin } from '../support/until.ts'

const bootLimitMs = 180_000

/** Waits for a server's status; ERROR on the way is a failure with the server's fault. */
export function untilServer(client: Client, name: string, wanted: string): Promise<unknown> {
  return untilWithin(`${name} to be ${wanted}`, bootLimitMs, async () => {
    const { status, fault } = await client.json(`server show ${name}`)
    if (status === 'ERROR' && wanted !== 'ERROR') assert.fail(`${name} is in ERROR: ${JSON.stringify(fault)}`)
    return status === wanted || undefined
  })
}

/** `openstack server create` with the words, until ACTIVE; then a floating IP of public, whose address is the result. */
export async function boot(client: Client, name: string, words: string): Promise<string> {
  await client.json(`server create ${words} ${name}`)
  await untilServer(client, name, 'ACTIVE')
  const floating = await client.json('floating ip create public')
  await client.do(`server add floating ip ${name} ${floating.floating_ip_address}`)
  return floating.floating_ip_address
}
