// Sockets in another network namespace, without a process there: a short-lived child enters the namespace, listens (or
// binds), and hands the socket to us over its IPC channel (about 45 ms of CPU, once per namespace).
import { spawn } from 'node:child_process'
import type { Socket } from 'node:dgram'
import type { Server } from 'node:net'
import { HostError } from '../../contract/call.ts'
import { namespacePath } from './names.ts'

/** Plain JavaScript, given on the command line, so that the child starts without reading a file of ours. */
const listening = `
const [address, port] = process.argv.slice(1)
const server = require('node:net').createServer({ pauseOnConnect: true })
server.on('error', (error) => process.send({ error: error.message }, () => process.exit(1)))
server.listen({ host: address, port: Number(port), backlog: 128 }, () => process.send({ error: null }, server, () => process.exit(0)))
`
const binding = `
const [address, port] = process.argv.slice(1)
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4')
socket.on('error', (error) => process.send({ error: error.message }, () => process.exit(1)))
socket.bind({ address, port: Number(port) }, () => process.send({ error: null }, socket, () => process.exit(0)))
`

/** Listens on an address inside a namespace. The socket is ours; accepted connections speak in that namespace. */
export const listenInNamespace = (namespace: string, address: string, port: number): Promise<Server> =>
  socketOf<Server>(listening, { namespace, address, port })

/** The same for datagrams. */
export const bindInNamespace = (namespace: string, address: string, port: number): Promise<Socket> =>
  socketOf<Socket>(binding, { namespace, address, port })

function socketOf<Handle>(
  program: string,
  { namespace, address, port }: { namespace: string; address: string; port: number },
): Promise<Handle> {
  return new Promise((resolve, reject) => {
    // not execPath: an upgrade may have replaced the file that we run from
    const node = `/proc/${process.pid}/exe`
    const argv = [`--net=${namespacePath(namespace)}`, '--', node, '-e', program, address, String(port)]
    const child = spawn('nsenter', argv, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], timeout: 20_000 })
    let complaint = ''
    let settled = false
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString().slice(0, 2000)))
    const fail = (reason: string) => {
      if (!settled) reject(new HostError('failed', `cannot listen on ${address}:${port} in ${namespace}: ${reason}`))
      settled = true
    }
    child.on('error', (error) => fail(error.message))
    child.on('message', (message: { error: string | null }, handle) => {
      if (message.error !== null || !handle) return fail(message.error ?? 'no socket was handed over')
      settled = true
      resolve(handle as Handle)
    })
    child.on('close', (code) => fail(complaint.trim() || `exit code ${code}`))
  })
}
