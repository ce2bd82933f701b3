// An operator's own policy: <data>/policy/<domain>.yaml or .json in oslo.policy's format (identity, compute, network,
// image, volume, placement) overrides the defaults by name. Read once at start; what is wrong in it is logged and denies.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Policy } from '../platform/api/policy.ts'
import type { Log } from '../platform/log.ts'

export function loadPolicyFiles(policy: Policy, domains: string[], { dataDir, log }: { dataDir: string; log: Log }): void {
  for (const domain of domains) {
    for (const file of [join(dataDir, 'policy', `${domain}.yaml`), join(dataDir, 'policy', `${domain}.json`)]) {
      if (!existsSync(file)) continue
      const faults = policy.loadFile(readFileSync(file, 'utf8'), domain)
      for (const { rule, reason } of faults) log.warn({ file, rule }, `policy rule ${rule} denies: ${reason}`)
      log.info({ file }, 'policy file loaded')
    }
  }
}
