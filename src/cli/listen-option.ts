// --listen ADDR:PORT, [V6]:PORT or PORT.
import { isIP } from 'node:net'
import { Complaint } from './complaint.ts'

export function parseListen(text: string): { address: string; port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d+)$/.exec(text)
  const address = match?.[1] ?? match?.[2] ?? '127.0.0.1'
  const port = Number(match?.[3])
  if (!match || !isIP(address) || port < 1 || port > 65535) {
    throw new Complaint(`--listen ${text}: write ADDRESS:PORT, for example 127.0.0.1:9000`)
  }
  return { address, port }
}

/** The URL under which clients of this machine reach such a listener. */
export function urlOf(listen: { address: string; port: number }): string {
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[listen.address] ?? listen.address
  return `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`
}
