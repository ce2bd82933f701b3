// Makes a qcow2 of an image in another format, once, before disks stand on it. What reads it is qemu-img, told the format,
// as a user who can read nothing else of ours, without a network, with bounded memory, computing and output: these
// formats' readers are less tried than qcow2's.
import { chmod, chown, statfs } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { table } from '../../platform/table.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { diskFacts, emptyFile } from '../disk-image.ts'
import { type GuestUser, runTool } from '../tools.ts'

/** QEMU's names of the formats that are converted */
export const convertible: Record<string, string> = table({ vmdk: 'vmdk', vdi: 'vdi', vhd: 'vpc', vhdx: 'vhdx' })

const cpuSeconds = 3600
/** of the file system's free bytes, so that one image does not fill it */
const shareOfFree = 0.9

export interface Conversion {
  from: string
  to: string
  /** Glance's name of the format */
  format: string
  /** the owner of cached images; null: whoever runs the host */
  user: GuestUser | null
}

/** Converts the inspected file; returns the size of the disk. The result is the converter's until its caller takes it. */
export async function convertImage({ from, to, format, user }: Conversion, call: Call): Promise<number> {
  const driver = convertible[format]
  if (driver === undefined) throw new HostError('bad_image', `images of the format ${format} are not converted`)
  // without the group of the cached images: a reader that is led astray finds this one image and no other
  const reader = user && { uid: user.uid, gid: user.uid }
  const cwd = dirname(to)
  if (reader) await chown(from, reader.uid, reader.gid)
  await chmod(from, 0o400)
  await emptyFile(to, reader)
  const { bavail, bsize } = await statfs(cwd)
  const source = `json:${JSON.stringify({ driver, file: { driver: 'file', filename: basename(from) } })}`
  let told = -1
  const onOutput = (text: string) => {
    const percent = Math.floor(Number(/\((\d+\.\d+)\/100%\)\s*$/.exec(text)?.[1] ?? -1))
    if (percent > told + 4 || percent === 100) call.progress?.((told = percent), 'converting the image')
  }
  try {
    const sandbox = { cpuSeconds, fileBytes: Math.floor(bavail * bsize * shareOfFree) }
    await runTool(['qemu-img', 'convert', '-p', '-O', 'qcow2', source, basename(to)], {
      cwd,
      user: reader,
      signal: call.signal,
      onOutput,
      sandbox,
    })
    return (await diskFacts({ path: to, format: 'qcow2' }, reader)).virtualSizeBytes
  } catch (error) {
    // asked again it would say the same
    if (error instanceof HostError && error.code === 'failed')
      throw new HostError('bad_image', `the image cannot be converted: ${error.message}`, { cause: error })
    throw error
  }
}
