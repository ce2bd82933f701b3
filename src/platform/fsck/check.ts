// What fsck is made of: checks, which look at rows and hosts and yield every difference that they see, and the report.
// Knows no domain; each domain declares its checks in checks/. The one who runs them is fsck.ts.
import type { Host } from '../../contract/host.ts'
import type { Context } from '../context.ts'
import type { WorkContext } from '../work/definition.ts'

/** One difference as one look sees it. A second look must see the same: the message names no moment. */
export interface Finding {
  /** 'server', 'volume', 'port', … as in the timeline */
  resourceType: string
  resourceId: string
  host?: string | null
  /** in words: what is so, and what it should be */
  message: string
  /** further resources whose work under way explains it (the server of an attachment) */
  concerns?: string[]
  /** reconcilers ('name/key') that are about to mend it when they are due or run */
  reconcilers?: string[]
  repair?: Repair
}

export interface Repair {
  /** what it does: 'remove the guest' */
  words: string
  /** Safe to run twice. The fence is older than that of any work which begins after fsck did: such work wins. */
  run(work: WorkContext): Promise<void>
  /** `run` itself leaves the line that says it was mended, in the commit of what it changes */
  isTold?: true
}

/** The seven of the design: acknowledged writes, nothing stuck, no drift, nothing unexplained, one writer, no leak, clean slate. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 7

/**
 * One kind of comparison. It reads rows by pages, in short transactions where several tables must agree, and need not
 * care for what is under way: the caller sorts that out.
 */
export interface Check {
  /** unique: 'guests', 'volume-data' */
  name: string
  invariant: Invariant
  /** compares rows with each other */
  find?(ctx: Context): AsyncIterable<Finding>
  /** compares rows with one connected host */
  findOnHost?(ctx: Context, host: Host): AsyncIterable<Finding>
}

export interface Difference {
  check: string
  invariant: Invariant
  resourceType: string
  resourceId: string
  host: string | null
  message: string
  /** what the timeline, or work that was abandoned, knows of it */
  cause: string | null
  /** what --repair does about it; null: nothing that is safe */
  repair: string | null
  /** after --repair: 'mended', or why not; null: it was not tried */
  outcome: string | null
}

export interface FsckReport {
  startedAt: string
  endedAt: string
  repair: boolean
  /** check → differences that are there now (after --repair: that are left) */
  counts: Record<string, number>
  /** with --repair also those that were mended */
  differences: Difference[]
  /** what could not be looked at, and why: a host that does not answer */
  unchecked: { check: string; host: string; reason: string }[]
  /** there were more than are listed */
  cut: boolean
}
