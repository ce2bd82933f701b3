// What each service makes of a body by its media type: the header that is absent or odd, and the body that is empty.
// Nova and Keystone take a body without a header for JSON, Neutron and Glance every body, Cinder then sees none.
import { ApiError, badRequest } from '../errors.ts'

export interface GivenBody {
  /** lower case, without parameters; undefined: the header is absent */
  mediaType: string | undefined
  /** it has bytes */
  present: boolean
}

/** 'json': it is to be read; 'none': the operation sees no body. Throws for what the service refuses. */
export type MediaRule = (body: GivenBody) => 'json' | 'none'

const unsupported = (message?: string) => new ApiError('unsupported_media_type', message)

/** Nova: text/plain and nothing are JSON too. */
export const novaMedia: MediaRule = ({ mediaType, present }) => {
  const known =
    mediaType === undefined ||
    mediaType === '' ||
    ['text/plain', 'application/json', 'application/vnd.openstack.compute+json'].includes(mediaType)
  if (!known) throw unsupported('Unsupported Content-Type')
  return present ? 'json' : 'none'
}

/** Cinder: a body without a header is not looked at. */
export const cinderMedia: MediaRule = ({ mediaType, present }) => {
  if (!present || mediaType === undefined) return 'none'
  if (!['application/json', 'application/vnd.openstack.volume+json'].includes(mediaType)) throw unsupported('Unsupported Content-Type')
  return 'json'
}

/** Keystone: another media type is a wrong request, not an unsupported one. */
export const keystoneMedia: MediaRule = ({ mediaType, present }) => {
  if (!present) return 'none'
  if (mediaType !== undefined && mediaType !== '' && !/^application\/(?:[^/]*\+)?json$/.test(mediaType)) {
    throw badRequest(
      'Expecting to find application/json in Content-Type header. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.',
    )
  }
  return 'json'
}

/** Neutron and Glance read every body as JSON, whatever it is called. */
export const anyMedia: MediaRule = ({ present }) => (present ? 'json' : 'none')

/** Placement is strict: a body needs the header, and it is JSON. */
export const placementMedia: MediaRule = ({ mediaType, present }) => {
  const named = mediaType !== undefined && mediaType !== ''
  if (present && !named) throw badRequest('content-type header required when content-length > 0')
  if (mediaType !== 'application/json')
    throw unsupported(`The media type ${named ? mediaType : 'None'} is not supported, use application/json`)
  return present ? 'json' : 'none'
}
