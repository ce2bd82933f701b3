// The vocabulary by which a user sets what the fake host does to a server or a volume: `fake:spawn=slow:500|fail:no luck`.
// docs/fake-drivers.md explains it to users; this file only parses. Real drivers never read it.
import { HostError, type HostErrorCode } from '../contract/call.ts'

export type FateRule =
  /** the operation takes this long on the host's clock, drawn between the two */
  | { kind: 'slow'; fromMs: number; toMs: number }
  /** the operation does not answer until its caller gives up (call.signal) */
  | { kind: 'hang' }
  /** the operation fails, the first `times` times that it is tried */
  | { kind: 'fail'; code: HostErrorCode; message: string; times: number }
  /** the operation is done, but its answer is lost, the first time */
  | { kind: 'lost' }
  /** (spawn) the guest's process dies this long after it started */
  | { kind: 'crash'; afterMs: number }
  /** (spawn) the guest switches itself off this long after it started */
  | { kind: 'shutdown'; afterMs: number }
  /** (acpi) the guest does not listen to the power button */
  | { kind: 'ignored' }
  /** (host) the machine dies with its guests when the guest spawns; comes back after so long, or with the next process */
  | { kind: 'dies'; forMs: number | null }
  /** (host) the machine cannot be reached for so long; its guests go on */
  | { kind: 'partition'; forMs: number }

const codes = new Set<string>(['not_found', 'conflict', 'no_space', 'bad_image', 'unsupported', 'unreachable', 'failed'])

/** The rules of one value, in order: `slow:100-200|fail-once:message`. Throws HostError 'failed' on what it does not know. */
export function parseFate(value: string): FateRule[] {
  return value
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'ok')
    .map((part) => parseRule(part))
}

function parseRule(part: string): FateRule {
  const colon = part.indexOf(':')
  const word = colon < 0 ? part : part.slice(0, colon)
  const rest = colon < 0 ? '' : part.slice(colon + 1)
  const fail = (times: number, message: string, code: HostErrorCode = 'failed'): FateRule => ({
    kind: 'fail',
    code,
    message: message || 'fake: failed as asked',
    times,
  })
  switch (word) {
    case 'slow': {
      const [from, to] = rest.split('-')
      const fromMs = milliseconds(part, from)
      return { kind: 'slow', fromMs, toMs: to === undefined ? fromMs : Math.max(fromMs, milliseconds(part, to)) }
    }
    case 'hang':
    case 'lost':
    case 'ignored':
      return { kind: word }
    case 'fail':
      return fail(Infinity, rest)
    case 'fail-once':
      return fail(1, rest)
    case 'fail-times': {
      const [times, ...message] = rest.split(':')
      return fail(milliseconds(part, times), message.join(':'))
    }
    case 'no-space':
      return fail(Infinity, rest || 'fake: no space left on device', 'no_space')
    case 'error': {
      const [code, ...message] = rest.split(':')
      if (!codes.has(code ?? '')) throw unknown(part)
      return fail(Infinity, message.join(':') || `fake: ${code} as asked`, code as HostErrorCode)
    }
    case 'crash':
    case 'shutdown':
      return { kind: word, afterMs: rest === '' ? 0 : milliseconds(part, rest) }
    case 'dies':
      return { kind: 'dies', forMs: rest === '' ? null : milliseconds(part, rest) }
    case 'partition':
      return { kind: 'partition', forMs: milliseconds(part, rest) }
    default:
      throw unknown(part)
  }
}

const unknown = (part: string) => new HostError('failed', `fake: the fate '${part}' is not known, see docs/fake-drivers.md`)

function milliseconds(part: string, text: string | undefined): number {
  if (!/^\d{1,9}$/.test(text ?? '')) throw unknown(part)
  return Number(text)
}
