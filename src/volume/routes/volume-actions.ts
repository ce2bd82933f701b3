// POST /volumes/:id/action, except what is about attachments.
import { Type } from '../../platform/api/type.ts'
import { badRequest } from '../../platform/errors.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import {
  volumeExtend,
  volumeImageMetadataUpdate,
  volumeResetStatus,
  volumeRevert,
  volumeSetBootable,
  volumeSetReadOnly,
  volumeToImage,
} from '../volume-actions.ts'
import { volumeReimage } from '../volume-reimage.ts'
import { volumeRetype } from '../volume-retype.ts'
import { invalidVolume } from '../errors.ts'
import { volumeDelete, volumeRowGet } from '../volumes.ts'
import { micros } from '../views/texts.ts'
import { typeView } from '../views/types.ts'
import { closed, flag, maybeText, metadata, optional, size, uuid, without } from './bodies.ts'
import { volumes } from './resources.ts'

const statuses = [
  'creating',
  'available',
  'deleting',
  'error',
  'error_deleting',
  'error_managing',
  'managing',
  'attaching',
  'in-use',
  'detaching',
  'maintenance',
  'error_extending',
  'error_restoring',
  'restoring-backup',
  'awaiting-transfer',
  'uploading',
  'retyping',
  'extending',
  'reserved',
  'error_backing-up',
  'backing-up',
  'downloading',
  'reverting',
]

const uploaded = {
  image_name: Type.String({ minLength: 1, maxLength: 255 }),
  force: optional(flag),
  disk_format: optional(Type.Union(['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop'].map((each) => Type.Literal(each)))),
  container_format: optional(maybeText),
  visibility: optional(Type.Union([Type.Literal('community'), Type.Literal('public'), Type.Literal('private'), Type.Literal('shared')])),
  protected: optional(flag),
}

const upload = (versions: [string, string | null], properties: typeof uploaded) =>
  volumes.action('os-volume_upload_image', {
    summary: 'Upload a volume as an image',
    policy: 'volume_extension:volume_actions:upload_image',
    versions,
    body: Type.Object(properties, closed),
    async handler(ctx, id, request) {
      const wanted = request.body
      const { volume, image, type } = await volumeToImage(ctx, id, {
        imageName: wanted.image_name,
        force: lenientBoolean(wanted.force),
        diskFormat: wanted.disk_format ?? 'raw',
        containerFormat: wanted.container_format ?? 'bare',
        visibility: wanted.visibility,
        protected: wanted.protected === undefined ? undefined : lenientBoolean(wanted.protected),
      })
      return {
        'os-volume_upload_image': {
          id: volume.id,
          updated_at: micros(volume.updated_at),
          status: volume.status,
          display_description: volume.description,
          size: volume.size,
          volume_type: type ? typeView(ctx, type) : null,
          image_id: image.id,
          container_format: image.containerFormat,
          disk_format: image.diskFormat,
          image_name: image.name,
          ...(ctx.microversion.atLeast('3.1') ? { protected: image.protected, visibility: image.visibility } : {}),
        },
      }
    },
  })

export const volumeActionOperations: Operation[] = [
  volumes.action('os-extend', {
    summary: 'Extend a volume',
    policy: 'volume:extend',
    body: Type.Object({ new_size: size }, closed),
    handler: (ctx, id, request) => volumeExtend(ctx, id, Number(request.body.new_size), { inUse: ctx.microversion.atLeast('3.42') }),
  }),
  volumes.action('os-extend_volume_completion', {
    summary: 'Say how an extension at a guest went',
    policy: 'volume_extension:volume_admin_actions:extend_volume_completion',
    versions: ['3.71', null],
    body: Type.Object({ error: optional(Type.Unsafe<string | boolean | null>({ type: ['string', 'boolean', 'null'] })) }, closed),
    async handler(ctx, id) {
      const row = await volumeRowGet(ctx, id)
      if (row.status !== 'extending') throw invalidVolume('Volume is not being extended.')
      // an extension waits for nobody here: the guest is notified when it is done
      throw invalidVolume('Required volume admin metadata is malformed or missing.')
    },
  }),
  volumes.action('revert', {
    summary: 'Revert a volume to its newest snapshot',
    policy: 'volume:revert_to_snapshot',
    versions: ['3.40', null],
    body: Type.Object({ snapshot_id: uuid }, closed),
    handler: (ctx, id, request) => volumeRevert(ctx, id, request.body.snapshot_id),
  }),
  upload(['3.0', '3.0'], without(uploaded, 'visibility', 'protected')),
  upload(['3.1', null], uploaded),
  volumes.action('os-retype', {
    summary: 'Change the type of a volume',
    policy: 'volume:retype',
    body: Type.Object(
      { new_type: Type.String(), migration_policy: optional(Type.Union([Type.Null(), Type.Literal('on-demand'), Type.Literal('never')])) },
      closed,
    ),
    handler: (ctx, id, request) => volumeRetype(ctx, id, request.body.new_type),
  }),
  volumes.action('os-set_bootable', {
    summary: 'Set whether a volume is bootable',
    policy: 'volume:update',
    body: Type.Object({ bootable: flag }, closed),
    status: 200,
    handler: (ctx, id, request) => volumeSetBootable(ctx, id, lenientBoolean(request.body.bootable)),
  }),
  volumes.action('os-update_readonly_flag', {
    summary: 'Set whether a volume may be written',
    policy: 'volume:update_readonly_flag',
    body: Type.Object({ readonly: flag }, closed),
    handler: (ctx, id, request) => volumeSetReadOnly(ctx, id, lenientBoolean(request.body.readonly)),
  }),
  volumes.action('os-reset_status', {
    summary: 'Reset the states of a volume',
    policy: 'volume_extension:volume_admin_actions:reset_status',
    body: Type.Object(
      {
        status: optional(Type.Unsafe<string | null>({ type: ['string', 'null'] })),
        attach_status: optional(Type.Unsafe<string | null>({ enum: ['attached', 'detached', null] })),
        migration_status: optional(
          Type.Unsafe<string | null>({ enum: ['migrating', 'error', 'success', 'completing', 'none', 'starting', null] }),
        ),
      },
      closed,
    ),
    async handler(ctx, id, request) {
      const { status, attach_status, migration_status } = request.body
      if (!status && !attach_status && !migration_status)
        throw badRequest("Must specify 'status', 'attach_status' or 'migration_status' for update.")
      if (status && !statuses.includes(status.toLowerCase())) throw badRequest(`Must specify a valid status: ${status}.`)
      await volumeResetStatus(ctx, id, {
        status: status?.toLowerCase() ?? undefined,
        attachStatus: attach_status ?? undefined,
        migrationStatus: migration_status ?? undefined,
      })
    },
  }),
  volumes.action('os-force_delete', {
    summary: 'Delete a volume in any state',
    policy: 'volume_extension:volume_admin_actions:force_delete',
    async handler(ctx, id) {
      await volumeRowGet(ctx, id)
      await volumeDelete(ctx, id, { force: true })
    },
  }),
  volumes.action('os-set_image_metadata', {
    summary: 'Set image metadata of a volume',
    policy: 'volume_extension:volume_image_metadata:set',
    status: 200,
    body: Type.Object({ metadata }, closed),
    async handler(ctx, id, request) {
      const known = await volumeImageMetadataUpdate(ctx, id, 'volume_extension:volume_image_metadata:set', (before) => ({
        ...before,
        ...request.body.metadata,
      }))
      return { metadata: known }
    },
  }),
  volumes.action('os-unset_image_metadata', {
    summary: 'Remove image metadata of a volume',
    policy: 'volume_extension:volume_image_metadata:remove',
    status: 200,
    body: Type.Object({ key: Type.String({ minLength: 1, maxLength: 255 }) }, closed),
    async handler(ctx, id, request) {
      const { key } = request.body
      await volumeImageMetadataUpdate(ctx, id, 'volume_extension:volume_image_metadata:remove', ({ [key]: gone, ...rest }) => {
        if (gone === undefined) throw badRequest(`Metadata item was not found: ${key}`)
        return rest
      })
    },
  }),
  volumes.action('os-show_image_metadata', {
    summary: 'Show image metadata of a volume',
    policy: 'volume_extension:volume_image_metadata:show',
    status: 200,
    handler: async (ctx, id) => ({ metadata: (await volumeRowGet(ctx, id)).image_metadata ?? {} }),
  }),
  volumes.action('os-migrate_volume', {
    summary: 'Migrate a volume (refused: nothing moves data between machines yet)',
    policy: 'volume_extension:volume_admin_actions:migrate_volume',
    body: Type.Object(
      { host: optional(maybeText), cluster: optional(maybeText), force_host_copy: optional(flag), lock_volume: optional(flag) },
      closed,
    ),
    async handler(ctx, id, request) {
      const row = await volumeRowGet(ctx, id)
      throw badRequest(
        `Invalid input received: No available service named '${request.body.host ?? request.body.cluster ?? ''}' takes volumes of ${row.host ?? 'no host'}: volumes cannot be migrated here.`,
      )
    },
  }),
  volumes.action('os-reimage', {
    summary: 'Write an image over a volume',
    policy: 'volume:reimage',
    versions: ['3.68', null],
    body: Type.Object({ image_id: uuid, reimage_reserved: optional(flag) }, closed),
    handler: (ctx, id, request) =>
      volumeReimage(ctx, id, { imageId: request.body.image_id, reserved: lenientBoolean(request.body.reimage_reserved) }),
  }),
]
