// An operator's own policy: <data>/policy/<domain>.yaml or .json in oslo.policy's format (identity, compute, network,
// image, volume, placement) overrides the defaults by name. Read once at start; a rule that is wrong is logged and denies,
// a file that cannot be read, or that no domain reads, keeps the cloud from starting: nobody shall believe in rules that do not hold.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Policy } from '../platform/api/policy.ts'
import type { Log } from '../platform/log.ts'

/** An operator's file that cannot be taken; its message is for people. */
export class PolicyFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PolicyFileError'
  }
}

const endings = ['.yaml', '.json']

export function loadPolicyFiles(policy: Policy, domains: string[], { dataDir, log }: { dataDir: string; log: Log }): void {
  const dir = join(dataDir, 'policy')
  if (!existsSync(dir)) return
  const known = domains.flatMap((domain) => endings.map((ending) => ({ domain, name: domain + ending })))
  for (const name of readdirSync(dir)) {
    if (![...endings, '.yml'].includes(extname(name)) || known.some((one) => one.name === name)) continue
    throw new PolicyFileError(
      `${join(dir, name)} is read by no service: name it ${domains.map((domain) => `${domain}.yaml`).join(', ')}, or take it away`,
    )
  }
  for (const { domain, name } of known) {
    const file = join(dir, name)
    if (!existsSync(file)) continue
    for (const { rule, reason } of loaded(policy, domain, file)) log.warn({ file, rule }, `policy rule ${rule} denies: ${reason}`)
    log.info({ file }, 'policy file loaded')
  }
}

function loaded(policy: Policy, domain: string, file: string) {
  const content = readFileSync(file, 'utf8')
  try {
    return policy.loadFile(content, domain)
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.split('\n')
    throw new PolicyFileError(`${file} is no policy file: ${reason.replace(/:$/, '')}. Mend it or take it away`, { cause })
  }
}
