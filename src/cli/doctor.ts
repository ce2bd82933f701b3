// `stackling doctor`: what this machine has and lacks for a cloud. Exit code 1 when something makes it impossible.
import * as checks from './doctor-checks.ts'
import type { Finding } from './doctor-checks.ts'
import { dataDir, runningProcess } from './data-dir.ts'

export async function doctor(options: { data?: string }): Promise<number> {
  const dir = dataDir(options.data)
  const findings: Finding[] = [
    checks.checkNode(),
    checks.checkMachine(),
    checks.checkDisk(dir),
    checks.checkPrivileges(),
    checks.checkPackages(),
    checks.checkAccelerator(),
    checks.checkNamespaces(),
    checks.checkTun(),
  ]
  for (const { what, verdict, text, remedy } of findings) {
    console.log(`${verdict.padEnd(4)}  ${what.padEnd(11)} ${text}`)
    if (remedy !== undefined) console.log(`                  → ${remedy}`)
  }
  const running = runningProcess(dir)
  console.log(running ? `      cloud       process ${running.pid} at ${running.url}` : `      cloud       none runs on ${dir.path}`)
  return findings.some(({ verdict }) => verdict === 'fail') ? 1 : 0
}
