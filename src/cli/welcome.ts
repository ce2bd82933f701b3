// What `up` prints when a cloud is there: the address, where to log in, what to try.
import type { DataDir } from './data-dir.ts'
import type { Ready } from './up.ts'

/** The lines of the greeting. */
export function welcome({ url, drivers: chosen, imageFault }: Pick<Ready, 'url' | 'drivers' | 'imageFault'>, dir: DataDir): string {
  const lines = [`Stackling is up at ${url}`]
  if (chosen.drivers === 'fake') lines.push(`  guests, networks and disks are simulated: ${chosen.reason}`)
  if (imageFault !== null) lines.push(`  there is no guest image yet (${imageFault}): it is tried again in the background and at the next start; or upload one of your own`)
  lines.push(
    `  log-in data: ${dir.cloudsYaml} (clouds stackling-admin and stackling-demo)`,
    '',
    'Try:',
    `  export OS_CLIENT_CONFIG_FILE=${dir.cloudsYaml} OS_CLOUD=stackling-demo`,
    '  openstack image list',
    '  openstack server create --image stackling-linux --flavor m1.tiny --network demo --wait first',
  )
  return lines.join('\n')
}
