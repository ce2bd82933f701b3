// Which user ids the guests of a cloud run as: a range that no other cloud on this machine has, written down for the
// whole machine. A directory that was moved keeps its range; a copy beside its original gets another one.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { HostError } from '../contract/call.ts'
import { lockFile } from './lock-file.ts'

export interface UidRange {
  start: number
  count: number
}

export interface ClaimOptions {
  /** the real path of the data directory */
  dataDir: string
  /** the range that it had last */
  stored: UidRange | undefined
  /** whether a data directory says that it has the range */
  holds(dataDir: string, range: UidRange): boolean
  /** the machine's list; another one for tests */
  list?: string
}

type Ranges = Record<string, { count: number; dataDir: string }>

const machineList = '/var/lib/stackling/uid-ranges.json'
/** Ids that no convention gives to anybody (systemd, "Users, Groups, UIDs and GIDs": unused), and their like in a small user namespace. */
const large = { first: 1_879_048_192, count: 65_536, ranges: 4_096 }
const small = { first: 50_000, count: 500, ranges: 20 }

/** The cloud's range, written down. HostError 'failed' when this machine has none left. */
export function claimRange({ dataDir, stored, holds, list = machineList }: ClaimOptions): UidRange {
  mkdirSync(dirname(list), { recursive: true, mode: 0o755 })
  const lock = lockFile(`${list}.lock`, { waitMs: 10_000 })
  try {
    const ranges = readRanges(list)
    const isFree = (range: UidRange) => {
      const known = ranges[range.start]
      return known === undefined || known.dataDir === dataDir || !holds(known.dataDir, { start: range.start, count: known.count })
    }
    const range =
      stored && isMapped(stored) && isFree(stored)
        ? stored
        : candidates().find((each) => isFree(each) && !isInUse(each) && !hasProcess(each))
    if (!range) throw new HostError('failed', `no range of user ids is free for guests (${list})`)
    const others = Object.entries(ranges).filter(([, each]) => each.dataDir !== dataDir)
    const next = { ...Object.fromEntries(others), [range.start]: { count: range.count, dataDir } }
    writeFileSync(`${list}.new`, `${JSON.stringify(next, null, 1)}\n`, { mode: 0o600, flush: true })
    renameSync(`${list}.new`, list)
    return range
  } finally {
    lock.release()
  }
}

function readRanges(list: string): Ranges {
  try {
    return JSON.parse(readFileSync(list, 'utf8')) as Ranges
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

const candidates = (): UidRange[] =>
  [large, small]
    .flatMap(({ first, count, ranges }) => Array.from({ length: ranges }, (_, n) => ({ start: first + n * count, count })))
    .filter(isMapped)

const endOf = ({ start, count }: UidRange) => start + count

/** Whether this user namespace has the ids at all. */
function isMapped(range: UidRange): boolean {
  return numbers('/proc/self/uid_map', /\s+/).some(([inside = 0, , count = 0]) => inside <= range.start && endOf(range) <= inside + count)
}

/** Whether an account of this machine, or a subordinate range of one, has ids of the range. */
function isInUse(range: UidRange): boolean {
  const meets = (start: number, count: number) => start < endOf(range) && range.start < start + count
  const accounts = numbers('/etc/passwd', ':').some(([, , uid = 0]) => meets(uid, 1))
  return (
    accounts || ['/etc/subuid', '/etc/subgid'].some((file) => numbers(file, ':').some(([, start = 0, count = 0]) => meets(start, count)))
  )
}

/** Whether something runs as one of the ids: guests of a cloud whose directory is gone. */
const hasProcess = (range: UidRange): boolean =>
  readdirSync('/proc').some((name) => {
    const uid = /^\d+$/.test(name) ? statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid : undefined
    return uid !== undefined && uid >= range.start && uid < endOf(range)
  })

/** The fields of each line as numbers; none when there is no such file. */
function numbers(path: string, separator: string | RegExp): number[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.trim().split(separator).map(Number))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Where a data directory says which range it has. */
export const usersJournal = (dataDir: string): string => join(dataDir, 'host', 'users')
