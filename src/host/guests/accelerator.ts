// Whether KVM really runs guests here. Nested hosts without svm or vmx show a /dev/kvm that starts a guest and lets it
// crawl for ever, so the device alone says nothing, and `-accel kvm:tcg` is no way out.
import { accessSync, constants, readFileSync, statSync } from 'node:fs'

export type Accelerator = 'kvm' | 'tcg'

export interface AcceleratorFacts {
  kvmDevice: boolean
  kvmModule: boolean
  cpuFlags: string[]
}

/** KVM when the device can be opened and the processor's own virtualisation is there; else plain emulation. */
export function chooseAccelerator(
  { kvmDevice, kvmModule, cpuFlags }: AcceleratorFacts,
  override: 'auto' | Accelerator = 'auto',
): Accelerator {
  if (override !== 'auto') return override
  return kvmDevice && (kvmModule || cpuFlags.includes('svm') || cpuFlags.includes('vmx')) ? 'kvm' : 'tcg'
}

export function probeAccelerator(): AcceleratorFacts {
  const has = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined
  let kvmDevice = true
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
  } catch {
    kvmDevice = false
  }
  const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
  return { kvmDevice, kvmModule: has('/sys/module/kvm_intel') || has('/sys/module/kvm_amd'), cpuFlags: flags.split(' ') }
}
