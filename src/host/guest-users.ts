// Whom guests run as: each a user of its own, so that one that broke out reads no other's disks and sockets; and one more
// for the tools that work on what no guest has. Numbers are kept, and not given again before all others were.
import { readFileSync } from 'node:fs'
import { chown, lchown, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError } from '../contract/call.ts'
import type { Journal } from './journal.ts'
import type { GuestUser } from './tools.ts'
import type { UidRange } from './uid-ranges.ts'

export interface GuestUsers {
  /** whom tools run as that work on volumes which no guest has; null: whoever runs the host */
  tools: GuestUser | null
  /** whoever is in its group may read base images */
  bases: GuestUser | null
  /** the guest's user, given at the first ask */
  of(guestId: string): GuestUser | null
  forget(guestId: string): void
}

const firstGuest = 16
const rangeKey = 'range'
const guestKey = (id: string) => `guest/${id}`

/** Where the host is not run by root, guests and tools run as whoever runs it. */
export const sameUser: GuestUsers = { tools: null, bases: null, of: () => null, forget: () => undefined }

/** The range that the journal says. */
export const storedRange = (journal: Journal): UidRange | undefined => journal.get<UidRange>(rangeKey)

/** Users of this range; numbers of another one that the journal has are released. */
export function createGuestUsers(range: UidRange, journal: Journal): GuestUsers {
  const before = storedRange(journal)
  if (before?.start !== range.start) {
    for (const key of journal.keys('guest/')) journal.put(key, undefined)
    journal.put('last', undefined)
    journal.put(rangeKey, range)
  }
  const bases = range.start + 1
  const userOf = (id: number): GuestUser => ({ uid: id, gid: id, groups: [bases] })
  const taken = new Set(journal.keys('guest/').map((key) => journal.get<number>(key)))
  return {
    tools: userOf(range.start),
    bases: { uid: range.start, gid: bases },
    of(guestId) {
      const known = journal.get<number>(guestKey(guestId))
      if (known !== undefined) return userOf(known)
      const places = range.count - firstGuest
      if (taken.size >= places) throw new HostError('failed', 'this host has no user id left for a guest')
      let offset = ((journal.get<number>('last') ?? -1) + 1) % places
      while (taken.has(range.start + firstGuest + offset)) offset = (offset + 1) % places
      const id = range.start + firstGuest + offset
      journal.put(guestKey(guestId), id) // first: a full disk refuses it
      journal.put('last', offset)
      taken.add(id)
      return userOf(id)
    },
    forget(guestId) {
      taken.delete(journal.get<number>(guestKey(guestId)))
      journal.put(guestKey(guestId), undefined)
    },
  }
}

/** Whom a process runs as, with its groups; null: there is none, or it is root's. */
export function userOfProcess(pid: number): GuestUser | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
  const field = (name: string) => (new RegExp(`^${name}:\\t?(.*)$`, 'm').exec(text)?.[1] ?? '').trim().split(/\s+/).map(Number)
  const [uid = 0] = field('Uid')
  const [gid = 0] = field('Gid')
  return uid === 0 ? null : { uid, gid, groups: field('Groups').filter((each) => each > 0) }
}

/** Whom tools run as that open a disk: its owner, who is never root. */
export async function ownerOf(path: string, { tools }: GuestUsers): Promise<GuestUser | null> {
  if (!tools) return null
  const { uid, gid } = await stat(path)
  if (uid !== 0) return { uid, gid, groups: tools.groups ?? [] }
  await chown(path, tools.uid, tools.gid)
  return tools
}

/** Makes a file the user's; its directory must be root's. */
export async function giveFile(path: string, user: GuestUser | null): Promise<void> {
  if (user) await chown(path, user.uid, user.gid)
}

/** Makes what lies in a directory the user's, whatever put it there, and the directory itself. */
export async function giveDirectory(path: string, user: GuestUser | null): Promise<void> {
  if (!user) return
  await chown(path, user.uid, user.gid)
  for (const name of await readdir(path)) await lchown(join(path, name), user.uid, user.gid)
}
