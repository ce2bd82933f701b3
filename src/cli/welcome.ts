// What `up` prints when a cloud is there: the address, where to log in, what to try, how to look at it and stop it.
import { dataOption, type DataDir } from './data-dir.ts'
import type { ImageMessage, Ready } from './up.ts'

/** The lines of the greeting. */
export function welcome(
  { publicUrl, s3Url, drivers: chosen, isImageOnItsWay, imageFault, warnings, isEmulated }: Omit<Ready, 'kind'>,
  dir: DataDir,
): string {
  const lines = [`Stackling is up at ${publicUrl}`]
  if (chosen.drivers === 'fake') lines.push(`  guests, networks and disks are simulated: ${chosen.reason}`)
  if (isEmulated) lines.push('  guests are emulated, since this machine has no KVM: a small Linux boots in about ten seconds')
  if (isImageOnItsWay) lines.push('  the guest image is still being made: it comes by itself')
  if (imageFault !== null)
    lines.push(
      `  there is no guest image yet (${imageFault}): it is tried again in the background and at the next start; or upload one of your own`,
    )
  lines.push(...warnings.map((text) => `  WARNING: ${text}`))
  const data = dataOption(dir)
  lines.push(
    `  log-in data: ${dir.cloudsYaml} (clouds stackling-admin and stackling-demo)`,
    '',
    'Try:',
    `  export OS_CLIENT_CONFIG_FILE=${dir.cloudsYaml} OS_CLOUD=stackling-demo`,
    '  openstack keypair create --private-key first.key first && chmod 600 first.key',
    '  openstack security group rule create --protocol tcp --dst-port 22 default',
    '  openstack server create --image stackling-linux --flavor m1.tiny --network demo --key-name first --wait first',
    '  openstack floating ip create public               # then with the address that it says:',
    `  openstack server add floating ip first ADDRESS${chosen.drivers === 'fake' ? '' : ' && ssh -i first.key cloud@ADDRESS'}`,
    '  openstack container create files && openstack object create files README.md',
    ...(s3Url === null ? [] : [`  openstack ec2 credentials create                  # an access key for S3, at ${s3Url}`]),
    '',
    `Look at it: ./stackling status${data}, ./stackling why ID${data}    Stop it: ./stackling down${data}`,
  )
  return lines.join('\n')
}

/** What became of an image that was being made. */
export const imageLine = ({ fault }: ImageMessage): string =>
  fault === null ? '  the guest image is there' : `  there is no guest image yet (${fault}): it is tried again in the background`
