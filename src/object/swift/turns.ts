// Requests that a client sends on one connection without waiting for answers: Node hands them out at once, but the second may read what the
// first writes. They are done one after the other, as they were sent.
import type { Socket } from 'node:net'

const ends = new WeakMap<Socket, Promise<void>>()

/** Begins when what this connection sent before is answered. */
export async function inTurn(socket: Socket, work: () => Promise<void>): Promise<void> {
  const before = ends.get(socket)
  const done = before === undefined ? work() : before.then(work, work)
  ends.set(socket, done)
  try {
    await done
  } finally {
    // the last one leaves nothing behind to wait for
    if (ends.get(socket) === done) ends.delete(socket)
  }
}
