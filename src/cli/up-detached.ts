// `stackling up --detach`: starts the cloud in a process of its own, shows its progress, and returns when every
// API answers.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint, explain } from './complaint.ts'
import { dataDir, prepareDataDir, type DataDir } from './data-dir.ts'
import { databaseUrl, databaseVariable } from './database-option.ts'
import type { Ready, UpMessage, UpOptions } from './up.ts'
import { waitForApis } from './wait-for-apis.ts'
import { welcome } from './welcome.ts'
import { defined } from '../platform/defined.ts'

/** longest silence of a process that starts */
const silenceTimeoutMs = 120_000
const answerTimeoutMs = 30_000
/** The greeting waits so long for an image that is being made: with it the first example works. The cloud does not wait. */
const imageTimeoutMs = 60_000

export async function upDetached(options: UpOptions): Promise<number> {
  process.umask(0o077)
  const dir = dataDir(options.data)
  try {
    prepareDataDir(dir)
  } catch (error) {
    const text = explain(error, dir.path)
    throw text === null ? error : new Complaint(text, { cause: error })
  }
  const child = start(dir, options)
  const ready = await untilReady(child, dir)
  try {
    await waitForApis(ready.url, answerTimeoutMs)
  } catch (error) {
    child.kill('SIGTERM')
    throw error
  }
  console.log(welcome(ready.isImageOnItsWay ? await withImage(child, ready) : ready, dir))
  child.disconnect()
  child.unref()
  return 0
}

/** Waits a while for the image. */
async function withImage(child: ChildProcess, ready: Ready): Promise<Ready> {
  console.log('  the guest image is made from Debian packages (about ten seconds); the cloud is up already')
  const { promise, resolve } = Promise.withResolvers<Ready>()
  const timer = setTimeout(() => resolve(ready), imageTimeoutMs)
  const hear = (message: UpMessage) => {
    if (message.kind === 'image') resolve({ ...ready, isImageOnItsWay: false, imageFault: message.fault })
  }
  child.on('message', hear)
  child.once('exit', () => resolve(ready))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    child.off('message', hear)
  }
}

function start(dir: DataDir, options: UpOptions): ChildProcess {
  const crash = openSync(dir.crashFile, 'w', 0o600)
  const words = ['up', '--data', dir.path, '--listen', options.listen]
  if (options.drivers !== undefined) words.push('--drivers', options.drivers)
  if (options.publicUrl !== undefined) words.push('--public-url', options.publicUrl)
  if (options.s3Listen !== undefined) words.push('--s3-listen', options.s3Listen)
  if (options.resume === false) words.push('--no-resume')
  const database = databaseUrl(options.database)
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, '..', 'main.ts'), ...words], {
    detached: true,
    cwd: '/',
    env: { ...process.env, ...defined({ [databaseVariable]: database }) }, // a command line is everybody's to read
    stdio: ['ignore', crash, crash, 'ipc'],
  })
  closeSync(crash)
  return child
}

function untilReady(child: ChildProcess, dir: DataDir): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>()
  const late = () => {
    child.kill('SIGTERM')
    reject(new Complaint(`no word came from the starting cloud for ${silenceTimeoutMs / 1000} s: its log is ${dir.logFile}`))
  }
  let timer = setTimeout(late, silenceTimeoutMs)
  child.on('message', (message: UpMessage) => {
    clearTimeout(timer)
    if (message.kind === 'ready') return resolve(message)
    if (message.kind === 'failed') return reject(new Complaint(message.text))
    if (message.kind === 'progress') console.log(`  ${message.text}`)
    timer = setTimeout(late, silenceTimeoutMs)
  })
  child.once('error', reject)
  child.once('exit', (code, signal) => {
    clearTimeout(timer)
    reject(new Complaint(`the cloud ended while it started (${signal ?? `exit code ${code}`}): ${lastWords(dir)}`))
  })
  return promise
}

/** The line of a crash that names the error. */
function lastWords(dir: DataDir): string {
  const lines = readFileSync(dir.crashFile, 'utf8').split('\n')
  return lines.find((line) => /^\w*(Error|Complaint)\b/.test(line)) ?? `see ${dir.crashFile}`
}
