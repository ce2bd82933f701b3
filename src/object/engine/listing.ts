// Listings by seeking: a page costs what it shows, however many names there are. Behind a subdirectory the search begins anew just past it.
import { Budget } from '../../platform/budget.ts'
import type { NameRange } from '../store/name-range.ts'
import { compareBytes, earlier, later, prefixEnd } from './byte-order.ts'

export interface Listing {
  prefix?: string | undefined
  /** one character or several; what follows it is one subdirectory */
  delimiter?: string | undefined
  /** names behind it; with `reverse` those before it */
  marker?: string | undefined
  /** names before it; with `reverse` those behind it */
  endMarker?: string | undefined
  reverse?: boolean | undefined
  /** what lies directly in this pseudo directory, in place of prefix and delimiter */
  path?: string | undefined
  limit: number
}

export type Entry<Row> = { row: Row } | { subdir: string }

export interface Listed<Row> {
  entries: Entry<Row>[]
  /** there is more behind the last one */
  truncated: boolean
  /** the last one's name: the next page's marker */
  last: string | undefined
}

/** Rows of a stretch in its order; where a name has several rows, those of the last one's name that come behind it are first. */
type ReadRows<Row, At> = (range: NameRange, last: Row | At | undefined) => Promise<Row[]>

/** at once; fewer while each row is a subdirectory of its own */
const mostRows = 1000
const fewestRows = 4
/** in steps of the budget: what a query and its rows take, about 20 µs each */
const stepsAQuery = 1000

/** What follows the prefix up to the delimiter and with it, if there is one. */
function subdirOf(name: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined
  const at = name.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : name.slice(0, at + delimiter.length)
}

interface Bounds {
  from?: string
  after?: string
  before?: string
}

/** The stretch that is asked for: one lower end and one upper end of what may be several. */
function boundsOf({ prefix = '', marker, endMarker, reverse }: Listing): Bounds {
  const [low, high] = reverse ? [endMarker, marker] : [marker, endMarker]
  const before = earlier(prefix === '' ? undefined : prefixEnd(prefix), high || undefined)
  const upper = before === undefined ? {} : { before }
  if (low && compareBytes(low, prefix) >= 0) return { after: low, ...upper }
  return prefix === '' ? upper : { from: prefix, ...upper }
}

/** No name holds less than this one. */
const lowest = '\u0001'

/** Where the search goes on when all of a subdirectory has been passed; backwards the name that it is called by comes last, and of a path is shown. */
function past(bounds: Bounds, subdir: string, { path, reverse }: Listing): Bounds | undefined {
  if (reverse) return { ...bounds, before: path === undefined ? subdir : subdir + lowest }
  const from = prefixEnd(subdir)
  if (from === undefined) return undefined
  return { from, ...(bounds.before === undefined ? {} : { before: bounds.before }) }
}

const behind = ({ before, from, after }: Bounds, name: string, reverse: boolean): Bounds => {
  if (!reverse) return { after: name, ...(before === undefined ? {} : { before }) }
  return { before: name, ...(from === undefined ? {} : { from }), ...(after === undefined ? {} : { after }) }
}

const isEmpty = ({ from, after, before }: Bounds): boolean => {
  const low = later(from, after)
  return low !== undefined && before !== undefined && compareBytes(low, before) >= 0
}

/** What a row is in this listing: itself, a subdirectory that is shown, or one that is passed over. */
type Shown = { kind: 'row' } | { kind: 'subdir' | 'passed'; subdir: string }

function shownAs(name: string, { prefix = '', delimiter, marker, path, reverse }: Listing): Shown | undefined {
  const subdir = subdirOf(name, prefix, delimiter)
  if (path !== undefined) {
    if (name === prefix) return undefined
    return subdir === undefined || subdir === name ? { kind: 'row' } : { kind: 'passed', subdir }
  }
  if (subdir === undefined) return { kind: 'row' }
  // shown at the end of the page before
  return { kind: subdir === marker && !reverse ? 'passed' : 'subdir', subdir }
}

/** `path` is a prefix that ends with a slash and a delimiter. */
function settled({ path, ...listing }: Listing): Listing {
  if (path === undefined) return listing
  // a path of slashes alone is the one slash: names that begin with it lie in it
  const prefix = path === '' ? '' : `${path.replace(/\/+$/, '')}/`
  return { ...listing, path, prefix, delimiter: '/' }
}

/** One page of whatever has names; `begin` is the row of the marker's name that it comes after, where a name has several. */
export async function namesList<Row extends { name: string }, At = never>(
  wanted: Listing,
  read: ReadRows<Row, At>,
  begin?: At,
): Promise<Listed<Row>> {
  const listing = settled(wanted)
  const { limit, path, reverse = false } = listing
  const entries: Entry<Row>[] = []
  const budget = new Budget()
  let bounds: Bounds | undefined = boundsOf(listing)
  let passed: Row | At | undefined = begin
  let size = listing.delimiter ? fewestRows * 8 : mostRows
  while (bounds && !isEmpty(bounds)) {
    // one more than fits says whether there is more
    const atMost: number = Math.min(size, limit - entries.length + 1)
    const rows: Row[] = await read({ ...bounds, reverse, limit: atMost }, passed)
    await budget.take(stepsAQuery + rows.length * 100)
    let within: string | undefined
    for (const row of rows) {
      if (within !== undefined && row.name.startsWith(within) && !(path !== undefined && row.name === within)) continue
      const shown = shownAs(row.name, listing)
      within = shown && shown.kind !== 'row' ? shown.subdir : undefined
      if (!shown || shown.kind === 'passed') continue
      if (entries.length === limit) return listedOf(entries, true)
      entries.push(shown.kind === 'row' ? { row } : { subdir: shown.subdir })
    }
    const last = rows.at(-1)
    if (!last || rows.length < atMost) break
    passed = within === undefined ? last : undefined
    bounds = within === undefined ? behind(bounds, last.name, reverse) : past(bounds, within, listing)
    // many rows of one subdirectory: the next query is for the next one
    size = within !== undefined && rows[0]?.name.startsWith(within) ? fewestRows : Math.min(size * 4, mostRows)
  }
  return listedOf(entries, false)
}

function listedOf<Row extends { name: string }>(entries: Entry<Row>[], truncated: boolean): Listed<Row> {
  const last = entries.at(-1)
  return { entries, truncated, last: last && ('row' in last ? last.row.name : last.subdir) }
}
