// Blocks of shared memory that bytes pass through on their way to a disk. They are used again rather than left to the garbage collector,
// which would collect the whole heap again and again for them; when nobody has needed them for a while they are freed.

export const blockBytes = 1_048_576
/** of all streams together, beyond the two that each may always have */
const sharedBlocks = 32
const keptBlocks = 16
const idleMs = 5_000

export interface Block {
  memory: SharedArrayBuffer
  bytes: Buffer
}

const free: Block[] = []
let used = 0
let idle: NodeJS.Timeout | null = null

/** May a stream that has `held` of them take one more? */
export const mayTakeBlock = (held: number, most: number): boolean => held < 2 || (held < most && used < sharedBlocks)

export function blockTake(): Block {
  used += 1
  const known = free.pop()
  if (known) return known
  const memory = new SharedArrayBuffer(blockBytes)
  return { memory, bytes: Buffer.from(memory) }
}

export function blockGive(block: Block): void {
  used -= 1
  if (free.length < keptBlocks) free.push(block)
  if (idle) return void idle.refresh()
  idle = setTimeout(() => {
    idle = null
    free.length = 0
  }, idleMs).unref()
}
