// The JSON schema of an image as Glance shows it at /v2/schemas/image, and holds bodies against.
import { table } from '../platform/table.ts'
const uuid = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'

/** Raw first: what clients try when they try the first that is offered. */
const diskFormats = ['raw', 'ami', 'ari', 'aki', 'ploop', 'iso', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi']
const containerFormats = ['bare', 'ami', 'ari', 'aki', 'ovf', 'ova', 'docker', 'compressed']

export interface Property {
  type?: string | string[]
  description?: string
  [keyword: string]: unknown
}

const text = (description: string, more: Property = {}): Property => ({ type: 'string', description, ...more })
const maybeText = (description: string, more: Property = {}): Property => ({ type: ['null', 'string'], description, ...more })
const readOnly = { readOnly: true }
/** not one of Glance's own, but known by name */
const known = { is_base: false }

export const baseProperties: Record<string, Property> = table({
  id: text('An identifier for the image', { pattern: uuid }),
  name: maybeText('Descriptive name for the image', { maxLength: 255 }),
  status: text('Status of the image', {
    ...readOnly,
    enum: ['queued', 'saving', 'active', 'killed', 'deleted', 'uploading', 'importing', 'pending_delete', 'deactivated'],
  }),
  visibility: text('Scope of image accessibility', { enum: ['community', 'public', 'private', 'shared'] }),
  protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
  os_hidden: { type: 'boolean', description: 'If true, image will not appear in default image list response.' },
  checksum: maybeText('md5 hash of image contents.', { ...readOnly, maxLength: 32 }),
  os_hash_algo: maybeText('Algorithm to calculate the os_hash_value', { ...readOnly, maxLength: 64 }),
  os_hash_value: maybeText('Hexdigest of the image contents using the algorithm specified by the os_hash_algo', {
    ...readOnly,
    maxLength: 128,
  }),
  owner: maybeText('Owner of the image', { maxLength: 255 }),
  size: { type: ['null', 'integer'], description: 'Size of image file in bytes', ...readOnly },
  virtual_size: { type: ['null', 'integer'], description: 'Virtual size of image in bytes', ...readOnly },
  container_format: maybeText('Format of the container', { enum: [null, ...containerFormats] }),
  disk_format: maybeText('Format of the disk', { enum: [null, ...diskFormats] }),
  created_at: text('Date and time of image registration', readOnly),
  updated_at: text('Date and time of the last image modification', readOnly),
  tags: { type: 'array', description: 'List of strings related to the image', items: { type: 'string', maxLength: 255 } },
  direct_url: text('URL to access the image file kept in external store', readOnly),
  min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image.' },
  min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image.' },
  self: text('An image self url', readOnly),
  file: text('An image file url', readOnly),
  stores: text('Store in which image data resides.', readOnly),
  schema: text('An image schema url', readOnly),
  locations: {
    type: 'array',
    description: 'A set of URLs to access the image file kept in external store',
    items: {
      type: 'object',
      properties: { url: { type: 'string', maxLength: 255 }, metadata: { type: 'object' }, validation_data: { type: 'object' } },
      required: ['url', 'metadata'],
    },
  },
})

const knownProperties: Record<string, Property> = table({
  kernel_id: maybeText('ID of image stored in Glance that should be used as the kernel when booting an AMI-style image.', {
    pattern: uuid,
    ...known,
  }),
  ramdisk_id: maybeText('ID of image stored in Glance that should be used as the ramdisk when booting an AMI-style image.', {
    pattern: uuid,
    ...known,
  }),
  instance_uuid: text('Metadata which can be used to record which instance this image is associated with.', known),
  architecture: text('Operating system architecture', known),
  os_distro: text('Common name of operating system distribution', known),
  os_version: text('Operating system version as specified by the distributor.', known),
  description: text('A human-readable string describing this image.', known),
  cinder_encryption_key_id: text('Identifier in the OpenStack Key Management Service for the encryption key', known),
  cinder_encryption_key_deletion_policy: text('When the object named by cinder_encryption_key_id is deleted', {
    enum: ['on_image_deletion', 'do_not_delete'],
    ...known,
  }),
})

export const imageProperties: Record<string, Property> = table({ ...knownProperties, ...baseProperties })

/** What a body may hold: any further property is text. */
export const imageBodySchema = { type: 'object', properties: imageProperties, additionalProperties: { type: 'string' } }
