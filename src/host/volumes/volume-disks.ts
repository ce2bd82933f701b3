// The disks of this host's volumes and what is written beside them: where they lie, who owns them, and the turn that each call on one takes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Call, HostError } from '../../contract/call.ts'
import type { DiskFile } from '../disk-image.ts'
import type { Gate } from '../gate.ts'
import { ownerOf, type GuestUsers } from '../guest-users.ts'
import { writeDurably } from '../guests/state.ts'
import type { LocalImages } from '../images/local-images.ts'
import type { LiveDisks } from '../live-disks.ts'
import { fileFailure, type GuestUser } from '../tools.ts'
import type { VolumeFacts } from './volume-facts.ts'

export interface VolumeFilesOptions {
  /** <dataDir>/hypervisor/volumes */
  directory: string
  images: LocalImages
  live: LiveDisks
  gate: Gate
  users: GuestUsers
}

export interface VolumeDisks extends Pick<VolumeFilesOptions, 'directory' | 'images' | 'live' | 'users'> {
  dirOf(volumeId: string): string
  diskOf(volumeId: string): DiskFile & { format: 'qcow2' }
  load(volumeId: string): Promise<VolumeFacts | null>
  mustLoad(volumeId: string): Promise<VolumeFacts>
  save(volumeId: string, facts: VolumeFacts): Promise<void>
  /** alone and fenced */
  enter<T>(volumeId: string, call: Call, work: () => Promise<T>): Promise<T>
  /** Tools run as the disk's owner: its guest's user, or the tools' own when no guest has it. */
  toolUser(volumeId: string): Promise<GuestUser | null>
}

export const diskName = 'disk.qcow2'
export const factsName = 'volume.json'

export function volumeDisks({ directory, images, live, gate, users }: VolumeFilesOptions): VolumeDisks {
  const dirOf = (volumeId: string) => join(directory, volumeId)
  const diskOf = (volumeId: string) => ({ path: join(dirOf(volumeId), diskName), format: 'qcow2' as const })

  const load = async (volumeId: string): Promise<VolumeFacts | null> => {
    try {
      return JSON.parse(await readFile(join(dirOf(volumeId), factsName), 'utf8')) as VolumeFacts
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw error
    }
  }
  const mustLoad = async (volumeId: string) => {
    const facts = await load(volumeId)
    if (!facts) throw new HostError('not_found', `the volume ${volumeId} is not on this host`)
    return facts
  }
  const save = (volumeId: string, facts: VolumeFacts) => writeDurably(join(dirOf(volumeId), factsName), JSON.stringify(facts))
  const enter = <T>(volumeId: string, call: Call, work: () => Promise<T>): Promise<T> => {
    if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(volumeId))
      return Promise.reject(new HostError('not_found', 'a volume has an id that is none'))
    return gate.enter(`volume/${volumeId}`, call, () =>
      work().catch((error) => {
        throw fileFailure(error)
      }),
    )
  }
  const toolUser = (volumeId: string): Promise<GuestUser | null> => ownerOf(diskOf(volumeId).path, users)
  return { directory, images, live, users, dirOf, diskOf, load, mustLoad, save, enter, toolUser }
}
