// Access to consoles: the log, and remote consoles by tokens that open one connection, once, within ten minutes.
import { createHash } from 'node:crypto'
import { HostError } from '../../contract/call.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { ApiError, badRequest, conflict, notFound } from '../../platform/errors.ts'
import { capabilitiesOf } from '../hosts/facts.ts'
import { invalidState, serverGet } from '../servers/servers.ts'
import { consoleTokenFetch, consoleTokenInsert, consoleTokenTake, consoleTokensExpire } from './store.ts'
import { serverFetch, type ServerRow } from '../servers/store/servers.ts'

const tokenLifetimeMs = 10 * 60_000
const maxLines = 1_000_000

/** The last lines of the console log. Anything a guest wrote may be in it: text, never markup (attack-33). */
export async function serverConsoleLog(ctx: Context, id: string, lines: number | undefined): Promise<string> {
  const server = await serverGet(ctx, id)
  if (server.host === null) throw conflict(`Instance ${id} is not ready`)
  try {
    const log = plain(await ctx.hosts.get(server.host).guests.consoleLog(id, lines === undefined ? undefined : Math.min(lines, maxLines)))
    // as Nova counts: what follows the last line break is a line too
    return lines === undefined ? log : lines === 0 ? '' : log.split('\n').slice(-lines).join('\n')
  } catch (error) {
    if (error instanceof HostError && error.code === 'not_found') throw notFound('Unable to get console')
    throw error
  }
}

/** Control characters that no JSON reader expects are left out, as Nova does. */
const plain = (text: string): string => text.replace(/[^\P{Cc}\t\n\r]/gu, '')

const consoleTypes = { novnc: 'vnc', serial: 'serial' } as const
type ConsoleType = keyof typeof consoleTypes

/** A URL that opens the server's console once. */
export async function serverConsoleOpen(ctx: Context, id: string, { type, word }: { type: string; word: string }): Promise<string> {
  const server = await serverGet(ctx, id)
  if (server.host === null) throw conflict(`Instance ${id} is not ready`)
  if (server.task_state === 'deleting' || server.task_state === 'migrating')
    throw invalidState(word, id, { attribute: 'task_state', state: server.task_state })
  if (!Object.hasOwn(consoleTypes, type)) throw badRequest(`Unavailable console type ${type}.`)
  await assertConsole(ctx, server, server.host, type as ConsoleType)
  const token = ctx.ids.uuid()
  const nowMs = ctx.clock.nowMs()
  await ctx.transaction(async (tx) => {
    await consoleTokensExpire(tx.db, isoMillis(nowMs))
    await consoleTokenInsert(tx.db, {
      token_hash: hashOf(token),
      server_id: id,
      type,
      host: server.host ?? '',
      expires_at: isoMillis(nowMs + tokenLifetimeMs),
    })
  })
  return consoleUrl(ctx.config.publicUrl, type as ConsoleType, token)
}

/** A guest that is not there, or does not run, has no console yet. Of a host without consoles nothing is asked: its URLs lead nowhere. */
async function assertConsole(ctx: Context, server: ServerRow, host: string, type: ConsoleType): Promise<void> {
  if (!(await capabilitiesOf(ctx, host)).consoles) return
  try {
    await ctx.hosts.get(host).guests.consoleSocket(server.id, consoleTypes[type])
  } catch (error) {
    if (error instanceof HostError && (error.code === 'not_found' || error.code === 'conflict'))
      throw conflict(`Instance ${server.id} is not ready`)
    if (error instanceof HostError && error.code === 'unsupported') throw badRequest(`Unavailable console type ${type}.`)
    throw error
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** noVNC's page gets the token within the path of its socket, as Nova gives it. */
function consoleUrl(publicUrl: string, type: ConsoleType, token: string): string {
  if (type === 'serial') return `${publicUrl.replace(/^http/, 'ws')}/compute/console/?token=${token}`
  return `${publicUrl}/compute/console/vnc_auto.html?path=${encodeURIComponent(`compute/console/?token=${token}`)}`
}

/** What a token stands for, for other proxies; it stays good. */
export async function consoleTokenShow(ctx: Context, token: string): Promise<{ serverId: string; host: string; type: string }> {
  ctx.authorize({})
  const row = await consoleTokenFetch(ctx.db, hashOf(token))
  if (!row || row.expires_at < isoMillis(ctx.clock.nowMs())) throw new ApiError('not_found', 'Token not found')
  return { serverId: row.server_id, host: row.host, type: row.type }
}

/** Takes the token: the UNIX socket of the console that it stands for, or null. It opens nothing a second time. */
export async function consoleSocketTake(ctx: Context, token: string): Promise<string | null> {
  const row = await ctx.transaction((tx) => consoleTokenTake(tx.db, hashOf(token)))
  if (!row || row.expires_at < isoMillis(ctx.clock.nowMs())) return null
  const server = await serverFetch(ctx.db, row.server_id)
  // a server that moved has another console: the token was for that one
  if (!server || server.host !== row.host) return null
  return ctx.hosts.get(row.host).guests.consoleSocket(server.id, consoleTypes[row.type as ConsoleType])
}
