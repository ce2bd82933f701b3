// The face of the volume domain: the only file of it that others import.
import type { VolumeConnection } from '../host/contract.ts'
import type { Domain } from '../platform/api/operation.ts'
import type { Context } from '../platform/context.ts'
import type { WorkContext } from '../platform/work/definition.ts'

/** What other domains may know of a volume. */
export interface VolumeFacts {
  id: string
  name: string | null
  projectId: string
  /** 'creating', 'available', 'reserved', 'attaching', 'in-use', 'detaching', 'error', … */
  status: string
  sizeGib: number
  bootable: boolean
  multiattach: boolean
  availabilityZone: string
  /** the host that holds it; null while it is not scheduled */
  host: string | null
  /** the image that it was made from: its properties at that time */
  imageMetadata: Record<string, string>
}

export interface NewVolume {
  /** made by the caller when it must be known before */
  id?: string
  sizeGib: number
  name?: string | null
  description?: string | null
  volumeType?: string | null
  availabilityZone?: string | null
  metadata?: Record<string, string>
  source?: { kind: 'blank' } | { kind: 'image'; imageId: string } | { kind: 'volume'; volumeId: string } | { kind: 'snapshot'; snapshotId: string }
  /** wanted place (the server's host); only a wish when there is one host */
  host?: string
}

export interface AttachmentWanted {
  volumeId: string
  serverId: string
  /** made by the caller when it must be known before */
  attachmentId?: string
  /** '/dev/vdb' */
  mountpoint?: string | null
  readOnly?: boolean
}

export interface AttachmentFacts {
  attachmentId: string
  volumeId: string
  serverId: string
  mountpoint: string | null
  /** 'reserved', 'attaching', 'attached', 'detaching' */
  status: string
  readOnly: boolean
  sizeGib: number
  multiattach: boolean
  bootable: boolean
  /** filled by attachmentConnect */
  connection: VolumeConnection | null
}

/** The volume, if this actor may see it; else 404. */
export async function volumeGet(_ctx: Context, _id: string): Promise<VolumeFacts> {
  throw new Error('not yet')
}
/** Volumes by id, as the cloud sees them (no policy); unknown ids are left out. */
export async function volumesByIds(_ctx: Context, _ids: string[]): Promise<Map<string, VolumeFacts>> {
  throw new Error('not yet')
}
/** Intent and work in one commit (the caller's when in one); the volume is 'creating' until its saga is through. */
export async function volumeCreate(_ctx: Context, _volume: NewVolume): Promise<VolumeFacts> {
  throw new Error('not yet')
}
/** Starts the deletion, on behalf of the cloud (delete_on_termination); fine when it is gone. */
export async function volumeDelete(_ctx: Context, _id: string): Promise<void> {
  throw new Error('not yet')
}
/** Snapshot of a volume, also of one in use, for server images; 'creating' until its saga is through. Returns its id. */
export async function volumeSnapshot(_tx: Context, _wanted: { volumeId: string; name: string }): Promise<string> {
  throw new Error('not yet')
}

/** Holds the volume for a server (available → reserved) or refuses: not found, wrong status, in use. In the caller's transaction. */
export async function attachmentReserve(_tx: Context, _wanted: AttachmentWanted): Promise<AttachmentFacts> {
  throw new Error('not yet')
}
/** The host hands the volume to this attachment (reserved → attaching). A saga step's `run`; may be called again. */
export async function attachmentConnect(_work: WorkContext, _attachmentId: string): Promise<VolumeConnection> {
  throw new Error('not yet')
}
/** The guest has it (→ in-use). In the caller's transaction. */
export async function attachmentComplete(_tx: Context, _attachmentId: string, _mountpoint?: string): Promise<void> {
  throw new Error('not yet')
}
/** in-use → detaching, refused in any other state. */
export async function attachmentDetachBegin(_tx: Context, _attachmentId: string): Promise<void> {
  throw new Error('not yet')
}
/** detaching → in-use: the guest would not let go. */
export async function attachmentDetachRoll(_tx: Context, _attachmentId: string): Promise<void> {
  throw new Error('not yet')
}
/** Takes the connection back at the host and the attachment away (→ available). Undo of reserve and connect too; fine when it is gone. */
export async function attachmentRemove(_work: WorkContext, _attachmentId: string): Promise<void> {
  throw new Error('not yet')
}
/** Attachments per server, oldest first; servers without one are left out. One query. */
export async function attachmentsOfServers(_ctx: Context, _serverIds: string[]): Promise<Map<string, AttachmentFacts[]>> {
  throw new Error('not yet')
}
/** The first volume type of a new cloud. */
export async function volumeBootstrap(_ctx: Context): Promise<void> {
  throw new Error('not yet')
}

export const domain: Domain = { name: 'volume', migrations: {}, policy: {}, services: [], work: [] }
