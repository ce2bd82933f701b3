// Where a link points: X-Symlink-Target `container/object`, X-Symlink-Target-Account, and the ETag that makes it a static one.
import { unquotedTag } from '../conditions.ts'
import { decoded, quoted } from '../path.ts'
import { SwiftRefusal } from '../refusals.ts'

export interface LinkTarget {
  /** as in paths: AUTH_… */
  account: string
  container: string
  object: string
  /** null: whatever is there */
  etag: string | null
}

/** What a row keeps of a link, beside headers' names. */
export interface LinkSystem {
  'x-symlink-target': string
  'x-symlink-target-account'?: string
  'x-symlink-target-etag'?: string
  'x-symlink-target-bytes'?: string
  /** for listings */
  'symlink-path': string
  /** of a large object that a static link leads to */
  'symlink-slo-etag'?: string
}

type Headers = Record<string, string | undefined>

const form = 'X-Symlink-Target header must be of the form <container name>/<object name>'

/** The target that a PUT names; refuses what names none, or the link itself. */
export function targetOf(headers: Headers, self: { account: string; container: string; object: string }): LinkTarget {
  const path = unquoted(headers['x-symlink-target'] ?? '')
  const slash = path?.indexOf('/') ?? -1
  if (path === null || slash <= 0 || slash === path.length - 1) throw new SwiftRefusal(412, form)
  const place = { container: path.slice(0, slash), object: path.slice(slash + 1) }
  const account = accountOf(headers['x-symlink-target-account']) ?? self.account
  if (account === self.account && place.container === self.container && place.object === self.object)
    throw new SwiftRefusal(400, 'Symlink cannot target itself')
  const etag = unquotedTag(headers['x-symlink-target-etag'] ?? '')
  if (/[;"\\]/.test(etag)) throw new SwiftRefusal(400, 'Bad X-Symlink-Target-Etag format')
  return { account, ...place, etag: etag === '' ? null : etag }
}

function accountOf(header: string | undefined): string | null {
  if (header === undefined) return null
  const account = unquoted(header)
  if (account === null || account === '') throw new SwiftRefusal(412, 'Account name cannot be empty')
  if (account.includes('/')) throw new SwiftRefusal(412, 'Account name cannot contain slashes')
  return account
}

const unquoted = (text: string): string | null => decoded(Buffer.from(text, 'utf8').toString('latin1'))

export const pathOf = ({ account, container, object }: Omit<LinkTarget, 'etag'>): string => quoted(`/v1/${account}/${container}/${object}`)

/** What is kept of it. */
export function systemOf(target: LinkTarget, { isForeign, bytes }: { isForeign: boolean; bytes: number | null }): LinkSystem {
  return {
    'x-symlink-target': quoted(`${target.container}/${target.object}`),
    ...(isForeign && { 'x-symlink-target-account': quoted(target.account) }),
    ...(target.etag !== null && { 'x-symlink-target-etag': target.etag, 'x-symlink-target-bytes': String(bytes ?? 0) }),
    'symlink-path': pathOf(target),
  }
}

/** The target that a row keeps. */
export function keptTarget(system: Record<string, unknown>, ownAccount: string): LinkTarget {
  const text = (name: string) => String(system[name] ?? '')
  const path = unquoted(text('x-symlink-target')) ?? ''
  const slash = path.indexOf('/')
  return {
    account: unquoted(text('x-symlink-target-account')) || ownAccount,
    container: path.slice(0, slash),
    object: path.slice(slash + 1),
    etag: text('x-symlink-target-etag') || null,
  }
}

const shown = ['x-symlink-target', 'x-symlink-target-account', 'x-symlink-target-etag', 'x-symlink-target-bytes']

/** The headers that `?symlink=get` shows of a link. */
export const linkHeaders = (system: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(shown.filter((name) => typeof system[name] === 'string').map((name) => [name, String(system[name])]))
