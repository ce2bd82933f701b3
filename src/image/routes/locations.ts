// /v2/images/:id/locations (API 2.17)
import { Type } from '../../platform/api/type.ts'
import { Reply, type Operation } from '../../platform/api/operation.ts'
import { locationAdd, locationList, type LocationRequest } from '../locations.ts'
import { images } from './resources.ts'

export const locationOperations: Operation[] = [
  images.below('/locations', {
    summary: 'List the locations of an image',
    policy: 'fetch_image_location',
    handler: (ctx, id) => locationList(ctx, id),
  }),
  images.below('/locations', {
    method: 'POST',
    summary: 'Add a location to an image',
    policy: 'add_image_location',
    status: 202,
    body: Type.Unsafe<LocationRequest>({
      type: 'object',
      required: ['url'],
      properties: {
        url: { type: 'string' },
        validation_data: {
          type: 'object',
          additionalProperties: false,
          properties: {
            os_hash_algo: { type: 'string', enum: ['sha1', 'sha256', 'sha512', 'md5'] },
            os_hash_value: { type: 'string', maxLength: 128 },
          },
        },
      },
    }),
    async handler(ctx, id, { body }) {
      await locationAdd(ctx, id, body)
      return new Reply('')
    },
  }),
]
