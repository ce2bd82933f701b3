// Names of the outside for guests: a network's dnsmasq asks this relay, by the loopback device of its own namespace, and the
// relay asks the machine's resolvers from where they can be reached (one may listen on 127.0.0.53, and a network may
// have no way out). A question without an answer is told so within seconds: nothing hangs. What is outstanding is bounded.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { connect, type Server, type Socket as Connection } from 'node:net'
import type { Clock } from '../../../platform/clock.ts'
import { namespaceInode } from '../namespaces.ts'
import { bindInNamespace, listenInNamespace } from '../listener.ts'

export const relayAddress = '127.0.0.1'
export const relayPort = 1053

const resolverPort = 53
const patienceMs = 2_000
/** of a connection, whatever is said over it */
const connectionMs = 10_000
const outstandingLimit = 256
const connectionsLimit = 16

export interface DnsRelay {
  /** Answers in the namespace, once. */
  ensure(namespace: string): Promise<void>
  remove(namespace: string): void
  close(): void
}

interface Listener {
  inode: number
  datagrams: Socket
  connections: Server
}

export function createDnsRelay(resolvers: () => string[], clock: Clock): DnsRelay {
  const listeners = new Map<string, Listener>()
  const remove = (namespace: string) => {
    const listener = listeners.get(namespace)
    listener?.datagrams.close()
    listener?.connections.close()
    listeners.delete(namespace)
  }
  return {
    remove,
    async ensure(namespace) {
      const inode = namespaceInode(namespace)
      if (listeners.get(namespace)?.inode === inode) return
      remove(namespace)
      const datagrams = await bindInNamespace(namespace, relayAddress, relayPort)
      const connections = await listenInNamespace(namespace, relayAddress, relayPort)
      connections.maxConnections = connectionsLimit
      datagrams.unref()
      connections.unref()
      relayDatagrams(datagrams, resolvers, clock)
      connections.on('connection', (asker: Connection) => relayConnection(asker, resolvers()[0], clock))
      listeners.set(namespace, { inode, datagrams, connections })
    },
    close() {
      for (const namespace of listeners.keys()) remove(namespace)
    },
  }
}

function relayDatagrams(socket: Socket, resolvers: () => string[], clock: Clock): void {
  let outstanding = 0
  const answer = (message: Buffer, to: RemoteInfo) => socket.send(message, to.port, to.address, () => undefined) // it may be gone by now
  socket.on('error', () => undefined) // a namespace that is gone: the next pass makes another
  socket.on('message', (question, from) => {
    if (question.length < 12) return
    if (outstanding >= outstandingLimit) return answer(failure(question), from)
    outstanding++
    void askInTurn(question, resolvers(), clock).then((found) => {
      outstanding--
      answer(found ?? failure(question), from)
    })
  })
}

/** The first resolver that answers; null when none does. */
async function askInTurn(question: Buffer, addresses: string[], clock: Clock): Promise<Buffer | null> {
  for (const address of addresses) {
    const found = await ask(question, address, clock)
    if (found) return found
  }
  return null
}

/** One question from a port of its own, so that nobody can guess where its answer is awaited. */
function ask(question: Buffer, address: string, clock: Clock): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    let isOver = false
    const end = (found: Buffer | null) => {
      if (isOver) return
      isOver = true
      timer.cancel()
      socket.close()
      resolve(found)
    }
    const timer = clock.after(patienceMs, () => end(null))
    socket.on('error', () => end(null)) // no route, or nobody listens there
    socket.on('message', (message) =>
      message.length >= 12 && message.readUInt16BE(0) === question.readUInt16BE(0) ? end(message) : undefined,
    )
    socket.connect(resolverPort, address, () => {
      if (!isOver) socket.send(question, (error) => (error ? end(null) : undefined))
    })
    socket.unref()
  })
}

/** "The server failed": the question sent back with that word. */
export function failure(question: Buffer): Buffer {
  const message = Buffer.from(question)
  message[2] = (message[2] ?? 0) | 0x80
  message[3] = ((message[3] ?? 0) & 0x70) | 0x82
  return message
}

/** Answers that are too long for a datagram are asked for again over a connection. */
function relayConnection(asker: Connection, address: string | undefined, clock: Clock): void {
  asker.on('error', () => asker.destroy())
  if (address === undefined) return void asker.destroy()
  const asked = connect({ host: address, port: resolverPort })
  const end = () => {
    timer.cancel()
    asker.destroy()
    asked.destroy()
  }
  const timer = clock.after(connectionMs, end)
  for (const side of [asker, asked]) {
    side.on('close', end)
    side.unref()
  }
  asked.on('error', end)
  asker.pipe(asked).pipe(asker)
  asker.resume()
}
