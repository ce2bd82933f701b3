// A bucket as a website: which object stands for a folder, which for an error, and who is sent elsewhere. In XML, both ways.
import { invalidArgument, S3Error } from '../errors.ts'
import { all, maybe, one, text, type XmlElement } from '../xml/read.ts'
import { xml, type Xml } from '../xml/write.ts'

export interface RoutingRule {
  prefix?: string
  errorCode?: number
  host?: string
  protocol?: string
  replacePrefix?: string
  replaceKey?: string
  code?: number
}

export interface Website {
  index?: string
  error?: string
  all?: { host: string; protocol?: string }
  rules?: RoutingRule[]
}

const rulesAtMost = 50
const malformed = (): S3Error => new S3Error('MalformedXML')

export function websiteRead(root: XmlElement): Website {
  const [index, error, allTo, rules] = ['IndexDocument', 'ErrorDocument', 'RedirectAllRequestsTo', 'RoutingRules'].map((name) =>
    maybe(root, name),
  )
  if (allTo) {
    if (index || error || rules) throw malformed()
    const host = text(allTo, 'HostName')
    if (!host) throw malformed()
    return { all: { host, ...protocolOf(allTo) } }
  }
  if (!index) throw malformed()
  const suffix = text(index, 'Suffix') ?? ''
  if (suffix === '' || suffix.includes('/')) throw invalidArgument('IndexDocument', suffix, 'The IndexDocument Suffix is not well formed')
  const errorKey = error && (text(error, 'Key') ?? '')
  if (errorKey === '') throw invalidArgument('ErrorDocument', '', 'The ErrorDocument Key is not well formed')
  const elements = rules ? all(rules, 'RoutingRule') : []
  if (elements.length > rulesAtMost) {
    throw new S3Error(
      'InvalidRequest',
      `${elements.length} routing rules provided, the number of routing rules in a website configuration is limited to ${rulesAtMost}.`,
    )
  }
  return {
    index: suffix,
    ...(errorKey !== undefined && { error: errorKey }),
    ...(elements.length > 0 && { rules: elements.map(ruleRead) }),
  }
}

function protocolOf(element: XmlElement): { protocol?: string } {
  const protocol = text(element, 'Protocol')
  if (!protocol) return {}
  if (protocol !== 'http' && protocol !== 'https') {
    throw new S3Error(
      'InvalidRequest',
      'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.',
    )
  }
  return { protocol }
}

function ruleRead(element: XmlElement): RoutingRule {
  const redirect = one(element, 'Redirect')
  const [host, replacePrefix, replaceKey] = ['HostName', 'ReplaceKeyPrefixWith', 'ReplaceKeyWith'].map((name) => text(redirect, name))
  const code = codeOf(text(redirect, 'HttpRedirectCode'), 'redirect')
  const protocol = protocolOf(redirect)
  if (replacePrefix !== undefined && replaceKey !== undefined) {
    throw new S3Error('InvalidRequest', 'You can only define ReplaceKeyPrefix or ReplaceKey but not both.')
  }
  if (redirect.children.length === 0) throw malformed()
  const condition = maybe(element, 'Condition')
  if (condition && condition.children.length === 0) throw malformed()
  const prefix = condition && text(condition, 'KeyPrefixEquals')
  const errorCode = condition && codeOf(text(condition, 'HttpErrorCodeReturnedEquals'), 'error')
  return {
    ...(prefix !== undefined && { prefix }),
    ...(errorCode !== undefined && { errorCode }),
    ...(host && { host }),
    ...protocol,
    ...(replacePrefix !== undefined && { replacePrefix }),
    ...(replaceKey !== undefined && { replaceKey }),
    ...(code !== undefined && { code }),
  }
}

const errorCodes = [400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 500, 501, 502, 503, 504, 505]

function codeOf(word: string | undefined, what: 'redirect' | 'error'): number | undefined {
  if (!word) return undefined
  if (!/^\d{1,5}$/.test(word)) throw malformed()
  const code = Number(word)
  if (what === 'redirect' && (code < 301 || code > 308 || code === 306)) {
    throw new S3Error('InvalidRequest', `The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`)
  }
  if (what === 'error' && !errorCodes.includes(code)) {
    throw new S3Error('InvalidRequest', `The provided HTTP error code (${code}) is not valid. Valid codes are 4XX or 5XX.`)
  }
  return code
}

export const websiteView = ({ index, error, all: allTo, rules = [] }: Website): Xml =>
  xml(
    'WebsiteConfiguration',
    allTo && xml('RedirectAllRequestsTo', xml('HostName', allTo.host), allTo.protocol && xml('Protocol', allTo.protocol)),
    index !== undefined && xml('IndexDocument', xml('Suffix', index)),
    error !== undefined && xml('ErrorDocument', xml('Key', error)),
    rules.length > 0 && xml('RoutingRules', rules.map(ruleView)),
  )

const ruleView = ({ prefix, errorCode, host, protocol, replacePrefix, replaceKey, code }: RoutingRule): Xml =>
  xml(
    'RoutingRule',
    (prefix !== undefined || errorCode !== undefined) &&
      xml(
        'Condition',
        errorCode !== undefined && xml('HttpErrorCodeReturnedEquals', errorCode),
        prefix !== undefined && xml('KeyPrefixEquals', prefix),
      ),
    xml(
      'Redirect',
      host !== undefined && xml('HostName', host),
      code !== undefined && xml('HttpRedirectCode', code),
      protocol !== undefined && xml('Protocol', protocol),
      replacePrefix !== undefined && xml('ReplaceKeyPrefixWith', replacePrefix),
      replaceKey !== undefined && xml('ReplaceKeyWith', replaceKey),
    ),
  )
