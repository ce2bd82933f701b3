// What Nova made of a rule's parameters before it asked Neutron. Pure.
import { isIP } from 'node:net'
import { badRequest } from '../../platform/errors.ts'

export interface NovaRule {
  groupId?: string
  cidr?: string
  protocol?: string
  fromPort?: number
  toPort?: number
}

export interface RuleParameters {
  ip_protocol?: unknown
  from_port?: unknown
  to_port?: unknown
  cidr?: unknown
  group_id?: string | undefined
}

const invalidRange = (from: number, to: number, why: string) => badRequest(`Invalid port range ${from}:${to}. ${why}`)
const given = (value: unknown): boolean => value !== undefined && value !== null

/** The rule, or 400 in Nova's words. */
export function novaRule(parameters: RuleParameters): NovaRule {
  const protocol = given(parameters.ip_protocol) ? String(parameters.ip_protocol) : undefined
  const upper = protocol?.toUpperCase() ?? ''
  const { group_id: groupId } = parameters
  let { from_port: from, to_port: to } = parameters
  if (groupId !== undefined && !given(from) && !given(to)) {
    if (upper === 'ICMP') [from, to] = [-1, -1]
    if (upper === 'TCP' || upper === 'UDP') [from, to] = [1, 65535]
  }
  const source = groupId === undefined ? { cidr: cidrOf(parameters.cidr) } : { groupId }
  if (protocol === undefined || protocol === '' || !given(from) || !given(to)) {
    if (groupId === undefined) throw badRequest('Not enough parameters to build a valid rule.')
    return source
  }
  const [fromPort, toPort] = [integer(from, upper), integer(to, upper)]
  check(protocol, fromPort, toPort)
  return { ...source, protocol, fromPort, toPort }
}

function integer(value: unknown, protocol: string): number {
  const number = typeof value === 'number' ? Math.trunc(value) : /^\s*[-+]?\d+\s*$/.test(String(value)) ? Number(value) : NaN
  if (Number.isNaN(number)) {
    const what = protocol === 'ICMP' ? 'Type and Code must be integers for ICMP protocol type' : 'To and From ports must be integers'
    throw badRequest(`Invalid input received: ${what}`)
  }
  return number
}

function check(protocol: string, from: number, to: number): void {
  const upper = protocol.toUpperCase()
  if (!['TCP', 'UDP', 'ICMP'].includes(upper)) throw badRequest(`Invalid IP protocol ${protocol}.`)
  if (upper === 'ICMP') {
    if ([from, to].some((value) => value < -1 || value > 255)) throw invalidRange(from, to, 'For ICMP, the type:code must be valid')
    return
  }
  if (from > to) throw invalidRange(from, to, 'Former value cannot be greater than the later')
  if (from < 1 || to > 65535) throw invalidRange(from, to, `Valid ${upper} ports should be between 1-65535`)
}

function cidrOf(value: unknown): string {
  if (!given(value) || value === '') return '0.0.0.0/0'
  const cidr = String(value)
  const [address = '', length = '', ...rest] = cidr.split('/')
  const family = isIP(address)
  const valid = rest.length === 0 && family !== 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)
  if (!valid) throw badRequest(`${cidr} is not a valid IP network.`)
  if (Number(length) === 0 && address !== '0.0.0.0' && address !== '::') throw badRequest(`Bad prefix for network in cidr ${cidr}`)
  return cidr
}
