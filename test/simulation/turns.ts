// Runs what the last event set going until all of it waits: promises and ticks at once, in the midst of a macrotask, which
// costs a fifth of a turn of the event loop; turns of the loop only for those who asked for one with setImmediate.
const turn = globalThis.setImmediate
const forget = globalThis.clearImmediate
const asked = new Set<NodeJS.Immediate>()

globalThis.setImmediate = Object.assign(
  <Args extends unknown[]>(callback: (...args: Args) => void, ...args: Args): NodeJS.Immediate => {
    const handle = turn(() => {
      asked.delete(handle)
      callback(...args)
    })
    asked.add(handle)
    return handle
  },
  { __promisify__: turn.__promisify__ },
)
globalThis.clearImmediate = (handle) => {
  if (handle) asked.delete(handle)
  forget(handle)
}

/** "Used to emulate a tick manually", as Node's own source has it: all promises and process.nextTick. */
const { _tickCallback: settle } = process as unknown as { _tickCallback(): void }

/** so many events in one macrotask: signals and output get their turn too */
const mostInARow = 256

/** Calls `next` again and again until it says false, each time when all that the last one set going waits. */
export function repeat(next: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const some = () => {
      try {
        for (let count = 0; count < mostInARow; count++) {
          settle()
          if (asked.size > 0) break
          if (!next()) return resolve()
        }
        turn(some)
      } catch (error) {
        reject(error as Error)
      }
    }
    turn(some)
  })
}
