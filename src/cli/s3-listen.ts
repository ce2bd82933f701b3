// --s3-listen ADDR:PORT or off: where the S3 API listens, which needs a port to itself. Not given: the port after the one of
// --listen, or the next that is free. Which one that was is kept in the data directory, so that its clients find it again.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ObjectSettings, S3Door } from '../platform/object-settings.ts'
import { writeKept } from '../server/kept-file.ts'
import { Complaint } from './complaint.ts'
import { parseListen, urlOf, type Listen } from './listen-option.ts'

export interface S3ListenOptions {
  /** as it was given */
  option: string | undefined
  dataDir: string
  /** of the other APIs */
  listen: Listen
  /** of the other APIs, when it was given */
  publicUrl: string | undefined
  settings: Pick<ObjectSettings, 's3PublicUrl' | 's3Tls'>
}

const keptFile = 's3-listen'
/** ports that are looked at after the first one */
const mostTried = 100

/** null: off */
export async function s3Door({ option, dataDir, listen, publicUrl, settings }: S3ListenOptions): Promise<S3Door | null> {
  if (option === 'off') return null
  const at = option === undefined ? await chosen(dataDir, listen) : await parseListen(option, '--s3-listen')
  if (urlOf(at) === urlOf(listen)) throw new Complaint(`--s3-listen ${option}: the other APIs have this port, and S3 needs one to itself`)
  if (option !== undefined) await seeThatPortIsFree(at)
  return { listen: at, publicUrl: settings.s3PublicUrl ?? urlAt(at, publicUrl, settings.s3Tls === null ? 'http' : 'https') }
}

/** By the name that others reach the APIs by, where one was given. */
function urlAt(at: Listen, publicUrl: string | undefined, scheme: 'http' | 'https'): string {
  const url = new URL(urlOf(at))
  const host = publicUrl === undefined ? url.hostname : new URL(publicUrl).hostname
  return `${scheme}://${host}:${at.port}`
}

/** The kept one, else the next that is free. */
async function chosen(dataDir: string, { address, port }: Listen): Promise<Listen> {
  const file = join(dataDir, keptFile)
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : 0
  const candidates = Array.from({ length: mostTried }, (_, index) => port + 1 + index)
  for (const candidate of [kept, ...candidates].filter((one) => one > 0 && one <= 65_535 && one !== port)) {
    if (!(await isFree({ address, port: candidate }))) continue
    if (candidate !== kept) writeKept(file, `${candidate}\n`)
    return { address, port: candidate }
  }
  throw new Complaint(`no port after ${port} is free for the S3 API: choose one with --s3-listen ADDR:PORT, or --s3-listen off`)
}

async function isFree(listen: Listen): Promise<boolean> {
  try {
    await seeThatPortIsFree(listen)
    return true
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) return false
    throw error
  }
}

/** Rejects with the system's error when it is taken. */
export async function seeThatPortIsFree(listen: Listen): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(listen.port, listen.address, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}
