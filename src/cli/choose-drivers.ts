// Which drivers an `up` uses: what was asked for, or real ones where this machine can have them.
import { Complaint } from './complaint.ts'
import { missingPackages } from './debian-packages.ts'
import { checkNamespaces, checkTun } from './doctor-checks.ts'

export interface ChosenDrivers {
  drivers: 'real' | 'fake'
  /** for people to read */
  reason: string
}

/** Rejects with a Complaint when real drivers were asked for and cannot be had. */
export function chooseDrivers(asked: string | undefined): ChosenDrivers {
  if (asked === 'fake') return { drivers: 'fake', reason: 'asked for with --drivers fake' }
  const lacking = whatRealDriversLack()
  if (lacking === null) return { drivers: 'real', reason: 'root, and all packages are there' }
  if (asked === 'real') throw new Complaint(`real drivers cannot be used: ${lacking}; or take --drivers fake`)
  return { drivers: 'fake', reason: lacking }
}

function whatRealDriversLack(): string | null {
  if (process.getuid?.() !== 0) return 'real guests and networks need root (try sudo)'
  const missing = missingPackages('real').map((it) => it.name)
  if (missing.length > 0) return `Debian packages are missing (apt-get install ${missing.join(' ')})`
  const lacking = [checkNamespaces(), checkTun()].find(({ verdict }) => verdict !== 'ok')
  return lacking ? `${lacking.what}: ${lacking.text} (${lacking.remedy ?? 'see ./stackling doctor'})` : null
}
